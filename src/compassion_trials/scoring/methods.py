"""Sentences for the Methods section: how each measure was scored, read off its key and the counts."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from compassion_trials.instruments.model import Instrument, Scale
from compassion_trials.study.plan.measures import Measure


def methods_of(measure: Measure, instrument: Instrument, scores: pd.DataFrame) -> tuple[str, ...]:
    """How one questionnaire was scored in this study.

    Parameters
    ----------
    measure : Measure
    instrument : Instrument
        As the plan's variant scores it.
    scores : pandas.DataFrame
        Scores of this measure.

    Returns
    -------
    tuple of str
        Sentences in the past tense.
    """
    short = measure.short or instrument.short
    named = tuple(key for key in (measure.scales or instrument.default_scales) if key in instrument.scales)
    sentences = _rules(short, instrument, named)
    sentences += _coding(short, measure, instrument)
    if measure.variant is not None:
        sentences.append(f"Scoring variant of the {short}: {instrument.variants[measure.variant].label}.")
    sentences.append(_missing(short, instrument, scores[scores["scale"].isin(named)]))
    return tuple(sentences)


def stored_method(measures: Sequence[Measure]) -> tuple[str, ...]:
    """How stored totals were taken over, in one sentence; none without such totals."""
    if not measures:
        return ()
    named = []
    for measure in measures:
        assert measure.range is not None  # checked by Measure
        named.append(f"{measure.name} ({measure.range[0]:g} to {measure.range[1]:g})")
    if len(named) == 1:
        return (f"The total stored in the raw file (possible range in brackets) was used for {named[0]}.",)
    return (f"Totals stored in the raw file (possible range in brackets) were used for {_listed(named)}.",)


def _rules(short: str, instrument: Instrument, named: tuple[str, ...]) -> list[str]:
    """One sentence per way of scoring; scales scored alike share one."""
    alike: dict[str, list[str]] = {}
    for key in named:
        scale = instrument.scales[key]
        rule = _composite(instrument, scale) if scale.composite else _items(scale)
        alike.setdefault(rule, []).append(key)
    return [
        f"{_subject(short, instrument, keys)} {'is' if len(keys) == 1 else 'are each'} {rule}."
        for rule, keys in alike.items()
    ]


def _subject(short: str, instrument: Instrument, keys: list[str]) -> str:
    """The scales of a sentence: ``The SCS total``, ``The DASS-21 scales depression, anxiety and stress``."""
    if keys == ["total"]:
        return f"The {short} total" if len(instrument.scales) > 1 else f"The {short} score"
    labels = [_lower(instrument.scales[key].label) if key != "total" else "total" for key in keys]
    return f"The {short} scale{'s' * (len(keys) > 1)} {_listed(labels)}"


def _items(scale: Scale) -> str:
    """Rule of a scale made of items."""
    n = len(scale.items)
    what = f"the {scale.method} of {n} item{'s' * (n > 1)}"
    if scale.reverse:
        what += f", {len(scale.reverse)} of them reversed"
    if scale.recode:
        what += " after recoding answers to points"
    if scale.lookup:
        what += ", converted to the metric score"
    if scale.factor != 1:
        what += f", multiplied by {scale.factor:g}"
    if scale.offset:
        what += f", {'plus' if scale.offset > 0 else 'less'} {abs(scale.offset):g}"
    return f"{what} (possible range {scale.range[0]:g} to {scale.range[1]:g})"


def _composite(instrument: Instrument, scale: Scale) -> str:
    """Rule of a scale made of scales."""
    methods = {instrument.scales[part].method for part in scale.of}
    kind = "subscale means" if methods == {"mean"} else "subscale scores"
    limits = f"possible range {scale.range[0]:g} to {scale.range[1]:g}"
    what = f"the {scale.method} of the {_count(len(scale.of))} {kind} ({limits})"
    if scale.reverse_of:
        turned = _listed([_lower(instrument.scales[part].label) for part in scale.reverse_of])
        what += f"; the negative subscales ({turned}) were recoded for the total only and are reported raw"
    return what


def _coding(short: str, measure: Measure, instrument: Instrument) -> list[str]:
    """What was done to the raw answers before scoring."""
    sentences = []
    coding = measure.coding
    if coding is not None and (coding.min, coding.max) != (instrument.response.min, instrument.response.max):
        own = f"{instrument.response.min} to {instrument.response.max}"
        sentences.append(f"Answers to the {short}, stored as {coding.min:g} to {coding.max:g}, were shifted to {own}.")
    if coding is not None and coding.reversed_items:
        items = _listed([str(item) for item in coding.reversed_items])
        one = len(coding.reversed_items) == 1
        subject, was = f"Item{'' if one else 's'} {items} of the {short}", "was" if one else "were"
        sentences.append(f"{subject}, stored reversed, {was} turned back before scoring.")
    if measure.item_order:
        sentences.append(f"Items of the {short}, stored in another order, were brought into that of the questionnaire.")
    return sentences


def _missing(short: str, instrument: Instrument, scores: pd.DataFrame) -> str:
    """The missing-item rule and what it did."""
    prorated, unscored = int(scores["prorated"].sum()), int(scores["score"].isna().sum())
    if not prorated and not unscored:
        return f"All {short} scores rest on complete answers."
    rule = f"Rule for missing items of the {short}: {instrument.missing.rule}"
    was = "was" if prorated == 1 else "were"
    done = f"{prorated} of {len(scores)} scores {was} prorated from the answered items"
    done += f" and {unscored} could not be scored" if unscored else ""
    return f"{rule}; {done}."


def _lower(label: str) -> str:
    """A label inside a sentence."""
    return label[:1].lower() + label[1:]


def _listed(words: list[str]) -> str:
    """``a, b and c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _count(n: int) -> str:
    """A small number in words."""
    return ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")[n] if n < 10 else str(n)
