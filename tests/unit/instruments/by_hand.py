"""Scores in plain arithmetic, written from the text of the sources and not from the questionnaire files.

Each function takes the answers by item number (``x[1]`` is item 1) and returns scores by scale. The sources are those
that the questionnaire's page names; where a source writes a formula, the formula stands here as it is written there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

Answers = dict[int, float]
Scores = dict[str, float]


def add(x: Answers, *items: int) -> float:
    """Sum of the named items."""
    return sum(x[item] for item in items)


def span(x: Answers, first: int, last: int) -> float:
    """Sum of a run of items."""
    return sum(x[item] for item in range(first, last + 1))


def mean(values: Iterable[float]) -> float:
    """Mean of numbers."""
    found = list(values)
    return sum(found) / len(found)


def turned(x: Answers, top: float, *items: int) -> Answers:
    """Answers in which ``top - answer`` replaces the named items."""
    return {item: top - value if item in items else value for item, value in x.items()}


def hads(x: Answers) -> Scores:
    """Odd items anxiety, even items depression, the points as ticked."""
    anxiety, depression = add(x, 1, 3, 5, 7, 9, 11, 13), add(x, 2, 4, 6, 8, 10, 12, 14)
    return {"anxiety": anxiety, "depression": depression, "total": anxiety + depression}


def stai_s(x: Answers) -> Scores:
    """Items 1, 2, 5, 8, 10, 11, 15, 16, 19 and 20 count 5 minus the answer."""
    return {"total": span(turned(x, 5, 1, 2, 5, 8, 10, 11, 15, 16, 19, 20), 1, 20)}


def stai_t(x: Answers) -> Scores:
    """Booklet items 21 to 40; 21, 23, 26, 27, 30, 33, 34, 36 and 39 count 5 minus the answer."""
    booklet = {item + 20: value for item, value in x.items()}
    return {"total": span(turned(booklet, 5, 21, 23, 26, 27, 30, 33, 34, 36, 39), 21, 40)}


def stai6(x: Answers) -> Scores:
    """Calm, relaxed and content turned; (total x 20) / 6."""
    return {"total": (5 - x[1] + x[2] + x[3] + 5 - x[4] + 5 - x[5] + x[6]) * 20 / 6}


def bai(x: Answers) -> Scores:
    """The sum of the 21 items."""
    return {"total": span(x, 1, 21)}


def mhc_sf(x: Answers) -> Scores:
    """Emotional 1-3, social 4-8, psychological 9-14, all summed."""
    return {
        "emotional": span(x, 1, 3),
        "social": span(x, 4, 8),
        "psychological": span(x, 9, 14),
        "total": span(x, 1, 14),
    }


def ptq(x: Answers) -> Scores:
    """Columns 4, 9, 14 and 5, 10, 15; the other nine are the core."""
    useless, full = add(x, 4, 9, 14), add(x, 5, 10, 15)
    return {
        "total": span(x, 1, 15),
        "unproductiveness": useless,
        "mental_capacity": full,
        "core": span(x, 1, 15) - useless - full,
    }


def fmi14(x: Answers) -> Scores:
    """Add up all items; the impatient one is recoded 1 to 4, 2 to 3."""
    return {"total": span(x, 1, 12) + (5 - x[13]) + x[14]}


def ders36(x: Answers) -> Scores:
    """Subscales with R for reversed items, as the R function lists them."""
    r = {item: 6 - value for item, value in x.items()}
    scales = {
        "nonacceptance": add(x, 11, 12, 21, 23, 25, 29),
        "goals": add(x, 13, 18, 26, 33) + r[20],
        "impulse": add(x, 3, 14, 19, 27, 32) + r[24],
        "awareness": add(r, 2, 6, 8, 10, 17, 34),
        "strategies": add(x, 15, 16, 28, 30, 31, 35, 36) + r[22],
        "clarity": r[1] + x[4] + x[5] + r[7] + x[9],
    }
    return scales | {"total": sum(scales.values())}


def ders16(x: Answers) -> Scores:
    """Five subscales, nothing reversed."""
    return {
        "nonacceptance": add(x, 9, 10, 13),
        "goals": add(x, 3, 7, 15),
        "impulse": add(x, 4, 8, 11),
        "strategies": add(x, 5, 6, 12, 14, 16),
        "clarity": x[1] + x[2],
        "total": span(x, 1, 16),
    }


def cams_r(x: Answers) -> Scores:
    """Future, distraction and past (2, 6, 7) turned."""
    return {"total": span(turned(x, 5, 2, 6, 7), 1, 12)}


def erq(x: Answers) -> Scores:
    """Reappraisal 1, 3, 5, 7, 8, 10; suppression 2, 4, 6, 9."""
    return {"reappraisal": add(x, 1, 3, 5, 7, 8, 10) / 6, "suppression": add(x, 2, 4, 6, 9) / 4}


def rrq(x: Answers) -> Scores:
    """Items 6, 9, 10, 13, 14, 17, 20 and 24 are reverse scored, then 1-12 and 13-24 averaged."""
    y = turned(x, 6, 6, 9, 10, 13, 14, 17, 20, 24)
    return {"rumination": span(y, 1, 12) / 12, "reflection": span(y, 13, 24) / 12}


def pswq(x: Answers) -> Scores:
    """Questions 1, 3, 8, 10 and 11 are reverse-scored: 5 + 1 - value."""
    return {"total": sum(5 + 1 - v if q in (1, 3, 8, 10, 11) else v for q, v in x.items())}


def brs(x: Answers) -> Scores:
    """Mean of six with 2, 4 and 6 turned."""
    return {"total": (x[1] + 6 - x[2] + x[3] + 6 - x[4] + x[5] + 6 - x[6]) / 6}


def shs(x: Answers) -> Scores:
    """Reverse code the 4th item (7 into 1 ...), and compute the mean of the 4 items."""
    return {"total": (x[1] + x[2] + x[3] + (8 - x[4])) / 4}


def wsas(x: Answers) -> Scores:
    """Sum of five."""
    return {"total": span(x, 1, 5)}


def pcl5(x: Answers) -> Scores:
    """Clusters B 1-5, C 6-7, D 8-14, E 15-20."""
    return {
        "intrusion": span(x, 1, 5),
        "avoidance": span(x, 6, 7),
        "cognition_mood": span(x, 8, 14),
        "arousal": span(x, 15, 20),
        "total": span(x, 1, 20),
    }


def edeq(x: Answers) -> Scores:
    """Arithmetic means; the global score is the arithmetic mean of the four subscales."""
    scales = {
        "restraint": add(x, 1, 2, 3, 4, 5) / 5,
        "eating_concern": add(x, 7, 9, 19, 21, 20) / 5,
        "shape_concern": add(x, 6, 8, 23, 10, 26, 27, 28, 11) / 8,
        "weight_concern": add(x, 22, 24, 8, 25, 12) / 5,
    }
    return scales | {"total": sum(scales.values()) / 4}


def lotr(x: Answers) -> Scores:
    """Sum items 1, 3, 4, 7, 9 and 10 after reverse scoring items 3, 7 and 9."""
    return {"total": x[1] + (4 - x[3]) + x[4] + (4 - x[7]) + (4 - x[9]) + x[10]}


def ocir(x: Answers) -> Scores:
    """Six subscales of three items, six apart."""
    names = ("hoarding", "checking", "ordering", "neutralizing", "washing", "obsessing")
    return {name: add(x, k, k + 6, k + 12) for k, name in enumerate(names, start=1)} | {"total": span(x, 1, 18)}


def whoqol_bref(x: Answers) -> Scores:
    """Domain = 4 x mean with items 3, 4 and 26 turned; transformed = (domain - 4) x 6.25."""
    y = turned(x, 6, 3, 4, 26)
    domains = {
        "physical": 4 * add(y, 3, 4, 10, 15, 16, 17, 18) / 7,
        "psychological": 4 * add(y, 5, 6, 7, 11, 19, 26) / 6,
        "social": 4 * add(y, 20, 21, 22) / 3,
        "environment": 4 * add(y, 8, 9, 12, 13, 14, 23, 24, 25) / 8,
    }
    return {name: (score - 4) * 6.25 for name, score in domains.items()} | {"quality_of_life": x[1], "health": x[2]}


def shaps(x: Answers) -> Scores:
    """Either disagree response counts 1; the fuller score adds the four answers."""
    return {"total": sum(v >= 3 for v in x.values()), "severity": span(x, 1, 14)}


def phlms(x: Answers) -> Scores:
    """Odd items awareness, even items acceptance, each of these turned."""
    return {
        "awareness": sum(v for q, v in x.items() if q % 2),
        "acceptance": sum(6 - v for q, v in x.items() if q % 2 == 0),
    }


def sscs_l(x: Answers) -> Scores:
    """Six means of three; the negative ones turned for the total."""
    scales = {
        "self_kindness": add(x, 1, 7, 13) / 3,
        "self_judgment": add(x, 4, 10, 16) / 3,
        "common_humanity": add(x, 3, 9, 15) / 3,
        "isolation": add(x, 6, 12, 18) / 3,
        "mindfulness": add(x, 5, 11, 17) / 3,
        "over_identification": add(x, 2, 8, 14) / 3,
    }
    negative = ("self_judgment", "isolation", "over_identification")
    return scales | {"total": mean(6 - v if k in negative else v for k, v in scales.items())}


def scs(x: Answers) -> Scores:
    """mean(SK, CH, MI, 6 - SJ, 6 - IS, 6 - OI)."""
    sk, sj = add(x, 5, 12, 19, 23, 26) / 5, add(x, 1, 8, 11, 16, 21) / 5
    ch, iso = add(x, 3, 7, 10, 15) / 4, add(x, 4, 13, 18, 25) / 4
    mi, oi = add(x, 9, 14, 17, 22) / 4, add(x, 2, 6, 20, 24) / 4
    parts = {"self_kindness": sk, "self_judgment": sj, "common_humanity": ch, "isolation": iso}
    return parts | {"mindfulness": mi, "over_identification": oi, "total": mean((sk, ch, mi, 6 - sj, 6 - iso, 6 - oi))}


def scs_sf(x: Answers) -> Scores:
    """Reverse score 11, 12, 4, 8, 1, 9, then average all items."""
    return {"total": span(turned(x, 6, 11, 12, 4, 8, 1, 9), 1, 12) / 12}


def dass21(x: Answers) -> Scores:
    """Sums of seven, doubled."""
    d, a = 2 * add(x, 3, 5, 10, 13, 16, 17, 21), 2 * add(x, 2, 4, 7, 9, 15, 19, 20)
    s = 2 * add(x, 1, 6, 8, 11, 12, 14, 18)
    return {"depression": d, "anxiety": a, "stress": s, "total": d + a + s}


def pss10(x: Answers) -> Scores:
    """Items 4, 5, 7 and 8 turned (0 = 4, 1 = 3 ...), all summed."""
    return {"total": span(turned(x, 4, 4, 5, 7, 8), 1, 10)}


def who5(x: Answers) -> Scores:
    """Raw score 0-25, times 4."""
    return {"total": 4 * span(x, 1, 5)}


def proqol5(x: Answers) -> Scores:
    """Compassion satisfaction, burnout with 1r, 4r, 15r, 17r, 29r, secondary traumatic stress."""
    y = turned(x, 6, 1, 4, 15, 17, 29)
    return {
        "compassion_satisfaction": add(y, 3, 6, 12, 16, 18, 20, 22, 24, 27, 30),
        "burnout": add(y, 1, 4, 8, 10, 15, 17, 19, 21, 26, 29),
        "secondary_traumatic_stress": add(y, 2, 5, 7, 9, 11, 13, 14, 23, 25, 28),
    }


def mbi_hss(x: Answers) -> Scores:
    """Three sums, nothing reversed."""
    return {
        "emotional_exhaustion": add(x, 1, 2, 3, 6, 8, 13, 14, 16, 20),
        "depersonalization": add(x, 5, 10, 11, 15, 22),
        "personal_accomplishment": add(x, 4, 7, 9, 12, 17, 18, 19, 21),
    }


LAST = (pcl5, edeq, lotr, ocir, whoqol_bref, shaps, phlms, sscs_l, scs, scs_sf, dass21, pss10, who5, proqol5, mbi_hss)
FIRST = (hads, stai_s, stai_t, stai6, bai, mhc_sf, ptq, fmi14, ders36, ders16, cams_r, erq, rrq, pswq, brs, shs, wsas)

BY_HAND: dict[str, Callable[[Answers], Scores]] = {f.__name__: f for f in (*FIRST, *LAST)}
"""Every oracle by the short name of its questionnaire."""
