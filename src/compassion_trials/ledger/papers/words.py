"""The words in heads of a paper's table: statistics, visits, arms, questionnaires."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from compassion_trials.ledger.papers.numbers import plain

_SYNONYMS: Final[dict[str, str]] = {
    "n": "n|no|n of participants|sample size|participants|number of participants|count|obs|n analysed|n analyzed",
    "mean": "m|mean|means|average|adjusted mean|adj mean|madj|adjusted m|emm|marginal mean|estimated marginal mean"
    "|mean score|estimated mean|ls mean|least squares mean",
    "sd": "sd|s d|standard deviation|standard deviations|std deviation|std dev|stdev|std",
    "se": "se|s e|sem|standard error|std error|standard error of the mean",
    "lower": "lower|ll|lower limit|lower bound|ci lower|lower ci|lower 95% ci|95% ci lower|95% ci lower limit|lcl|low"
    "|ci low|95% ci ll|ci ll|ll 95% ci|lower confidence limit|95% lower",
    "upper": "upper|ul|upper limit|upper bound|ci upper|upper ci|upper 95% ci|95% ci upper|95% ci upper limit|ucl|high"
    "|ci high|95% ci ul|ci ul|ul 95% ci|upper confidence limit|95% upper",
    "ci": "ci|95% ci|95 % ci|confidence interval|95% confidence interval|95% cis|ci95|95%-ci|ci 95%"
    "|95% confidence limits",
    "t": "t|t value|t-value|t test|t statistic",
    "F": "f|f value|f-value|f test|f statistic",
    "df": "df|d f|df1|df 1|degrees of freedom|num df|numerator df|df numerator|dfn|df effect|df between|dfs|df num",
    "df2": "df2|df 2|df error|den df|denominator df|df denominator|dfd|error df|df within|df residual|df den",
    "chi2": "χ2|χ²|x2|chi2|chi-squared|chi squared|chi-square|chi square",
    "p": "p|p value|p-value|pvalue|p-values|sig|significance",
    "d": "d|cohen's d|cohens d|cohen d|effect size d|effect size (d)",
    "d_lower": "d lower|lower limit of d|d lower limit|d ll|lower d|ll of d|d, lower limit|d: lower|d 95% ci lower",
    "d_upper": "d upper|upper limit of d|d upper limit|d ul|upper d|ul of d|d, upper limit|d: upper|d 95% ci upper",
    "g": "g|hedges' g|hedges g|hedge's g|hedge g",
    "g_se": "se of g|se g|g se|standard error of g|se(g)|g_se|se (g)",
    "eta2": "η2|η²|ηp2|ηp²|η2p|η²p|partial η2|partial η²|partial eta squared|eta squared|partial eta2|eta2|pη2|ηp 2"
    "|η 2",
    "estimate": "b|estimate|difference|mean difference|md|diff|adjusted difference|adj difference|coefficient"
    "|adjusted mean difference|difference of means|mean diff|est",
    "r": "r|correlation|r with before|r pre-post|pre-post r|pre-post correlation|r with baseline|r with first visit",
    "percent": "%|percent|percentage",
}


def _words(text: str) -> frozenset[str]:
    """Words with a bar between them."""
    return frozenset(text.split("|"))


STATISTIC_OF: Final = {word: name for name, words in _SYNONYMS.items() for word in words.split("|")}
"""Statistic by the words of a head, in small letters and without full stops."""

_ALONE: Final = _words(
    "no|count|low|high|average|obs|participants|difference|diff|estimate|est|std|b|r|means|sig|significance|correlation"
    "|upper|lower|coefficient|%|percent|percentage|adjusted mean|mean difference"
)
"""Words of statistics that are words of labels too: they count alone or behind a comma, not inside a label."""

_JOINTS = re.compile(r"\s*(?:[()\[\],;/±]|\+/-|\band\b)\s*")
_SIZE = re.compile(r"[\[(]?\s*\b[nN]\s*=\s*(\d+)\s*[\])]?")
_VISIT = (
    "before|after|pre|post|baseline|follow|up|followup|fu|week|weeks|wk|wks|month|months|mo|day|days|year|years|visit"
    "|intake|screening|admission|discharge|end|endpoint|later|randomization|randomisation|pretest|posttest|test"
    "|pretreatment|posttreatment|treatment|intervention|midpoint|mid|wave|time|point|assessment|session|first|second|third"
    "|last|initial|final|at|of|the|to|since|average|average|in|inpatient|care|start|month's|program|programme|course"
    "|therapy|short|long|term|one|two|three|four|six|twelve|prior|entry|training|phase|measurement|occasion|from|completion"
)
_VISIT_WORD = re.compile(rf"(?:{_VISIT}|t\d+|\d+|\d+(?:st|nd|rd|th)|fu\d+|\d+[a-z]{{0,2}}|w\d+|v\d+)")
_VISIT_CORE = re.compile(
    r"\b(?:before|after|pre|post|baseline|follow|followup|fu|fu\d+|weeks?|months?|days?|years?|t\d+|time \d+|visit"
    r"|intake|screening|admission|discharge|endpoint|pretest|posttest|pretreatment|posttreatment|later|wave \d+"
    r"|randomi[sz]ation|midpoint|initial|final)\b"
)
CONTROL: Final = re.compile(
    r"\b(?:control|wait(?:ing)?[- ]?list(?:ed)?|waiting|wl|wlc|tau|usual|placebo|comparison"
    r"|no (?:intervention|treatment|messages?)|comparator|untreated|standard care)\b"
)
"""Words of an arm that others are compared with."""

_ARM = re.compile(
    r"\b(?:intervention|treatment|treated|experimental|therapy|training|mbct|mbsr|msc|cft|act|cbt|meditation|course|group|arm"
    r"|program(?:me)?|app|active|passive|psychoeducation|workshop|messages?|practice|condition|ig|cg|eg|tg|mbi|bridging|hygiene"
    r"|care|mindfulness-based|yoga|exercise|education|self-help)\b"
)
_TRAINING = re.compile(
    r"\b(?:training|therapy|group|course|program(?:me)?|arm|condition|meditation|treatment|workshop|app)s?$"
)
_MEASURE = re.compile(
    r"\b(?:scale|score|scores|inventory|questionnaire|index|total|subscale|sum|depression|anxiety|stress|self-compassion"
    r"|mindfulness|rumination|well-?being|distress|satisfaction|phq|bdi|bai|scs|ffmq|dass|pss|ghq|aaq|ces-?d|hads|gad|rrq|rrs|stai"
    r"|ders|ptq|fmi|number of|minutes|quality of life|sleep|symptoms?|self-\w+|isolation|common humanity)\b"
)
_COLUMNS: Final[dict[str, str]] = {
    "measure": "outcome|outcomes|measure|measures|variable|variables|scale|scales|questionnaire|instrument"
    "|outcome measure|outcome variable|dependent variable|subscale|construct|outcome measures",
    "arm": "group|groups|arm|arms|condition|conditions|treatment|treatment group|treatment arm|study arm|study group"
    "|allocation|intervention|trial arm",
    "visit": "time|visit|visits|assessment|time point|timepoint|occasion|when|wave|measurement|time of assessment"
    "|period|measurement occasion|point in time|assessed",
    "comparison": "comparison|contrast|comparisons|groups compared|versus|compared|arms compared|contrast of arms"
    "|between groups",
    "versus": "compared with|versus arm|reference|comparator|reference arm|reference group|vs",
    "from": "from|change from|since|compared visit|from visit|reference visit|change since|baseline visit",
    "statistic": "statistic|statistics|parameter|quantity|value of|index of",
    "note": "note|notes|remark|remarks|comment",
}
COLUMN_KIND: Final = {word: kind for kind, words in _COLUMNS.items() for word in words.split("|")}
"""What the cells of a column are, by its head."""


@dataclass(frozen=True, slots=True)
class HeadWords:
    """A head, taken apart.

    Attributes
    ----------
    rest : str
        What is left without statistics and sizes.
    statistics : tuple of str
        Names of the ledger, with ``ci`` for two limits in one cell and ``percent``.
    size : str
        n of the head, as in ``App (n = 41)``.
    """

    rest: str
    statistics: tuple[str, ...] = ()
    size: str = ""


def folded(text: str) -> str:
    """A label as it is compared: plain, small letters, no full stop at the end."""
    return plain(text).casefold().rstrip(" .:,;")


def statistics_of(text: str) -> tuple[str, ...]:
    """Statistics that a head names, if it names nothing else; empty otherwise."""
    word = folded(text).replace(".", "").replace("’", "'").strip()
    if word in STATISTIC_OF:
        return (STATISTIC_OF[word],)
    if word.strip("()[]") in STATISTIC_OF:
        return (STATISTIC_OF[word.strip("()[]")],)
    pieces = [piece for piece in _JOINTS.split(word) if piece]
    if len(pieces) > 1 and all(piece in STATISTIC_OF for piece in pieces):
        return tuple(STATISTIC_OF[piece] for piece in pieces)
    return ()


def head_words(text: str) -> HeadWords:
    """Take a head apart: statistics at its end or beginning, and n in brackets.

    Parameters
    ----------
    text : str
        For example ``Before, M (SD)``, ``App (n = 41)``, ``F``.
    """
    text, given = size_of(plain(text))
    if whole := statistics_of(text):
        return HeadWords("", whole, given)
    for cut in re.finditer(r"\s-\s|[\s,:;|–—_/(]+", text):
        head, tail = text[: cut.start()], text[cut.end() :]
        opened = tail.count(")") > tail.count("(") and "(" in cut.group()
        tail = tail.rstrip(")") if opened else tail
        if head and (cut.group().strip() or folded(tail) not in _ALONE) and (found := statistics_of(tail)):
            return HeadWords(head.rstrip(" ,:;|-–—_/("), found, given)
    for cut in reversed(list(re.finditer(r"\s*[,:;|–—_]\s*|\s+(?:at|of)\s+|\s+", text))):
        head, tail = text[: cut.start()], text[cut.end() :]
        if tail and (cut.group().strip() or folded(head) not in _ALONE) and (found := statistics_of(head)):
            return HeadWords(tail.strip(), found, given)
    return HeadWords(text, (), given)


def size_of(text: str) -> tuple[str, str]:
    """A label without the n it names, and that n; empty where it names none."""
    size = _SIZE.search(text)
    if size is None:
        return text, ""
    parts = [part.strip(" ,;:") for part in text[: size.start()].split("\n")]
    return "\n".join(parts) + (" " + text[size.end() :].strip(" ,;:")).rstrip(), size.group(1)


def visit_strength(text: str) -> int:
    """2 when a label is made of the words of visits, 1 when it has one of them, else 0."""
    word = folded(text)
    core = _VISIT_CORE.search(re.sub(r"[-‐/_]", " ", word)) is not None
    tokens = [token for token in re.split(r"[\s\-‐–/_(),.:]+", word) if token]
    if core and tokens and all(_VISIT_WORD.fullmatch(token) for token in tokens):
        return 2
    return 1 if core else 0


def arm_strength(text: str) -> int:
    """2 for a comparison arm, 1 for words of arms, else 0."""
    word = folded(text)
    return 2 if CONTROL.search(word) else 1 if _ARM.search(word) else 0


def measure_strength(text: str) -> int:
    """1 when a label has a word of questionnaires and outcomes, and does not end with one of arms."""
    word = folded(text)
    return int(_MEASURE.search(word) is not None and _TRAINING.search(word) is None)
