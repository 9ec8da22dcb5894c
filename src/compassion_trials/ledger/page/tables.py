"""Tables of the ledger's page."""

from __future__ import annotations

import math
from collections.abc import Iterator

from compassion_trials.core.numbers import DASH, MINUS, NBSP, bounded, count, fixed, interval, p_value, percent
from compassion_trials.ledger.evidence.evidence import Evidence
from compassion_trials.ledger.evidence.pool import NO_SPREAD
from compassion_trials.ledger.ledger import Ledger
from compassion_trials.ledger.ledger_line import VERDICTS, LedgerLine
from compassion_trials.ledger.reading.printed import printed
from compassion_trials.tables.spec import Notes, TableColumn, TableRow, TableSpec, heading, row
from compassion_trials.tables.text import Text, rich, text

SYMBOLS: dict[str, Text] = {
    "n": rich("*n*"),
    "F": rich("*F*"),
    "t": rich("*t*"),
    "p": rich("*p*"),
    "d": rich("*d*"),
    "g": rich("*g*"),
    "df": rich("*df*"),
    "df2": rich("*df*~2~"),
    "chi2": rich("χ^2^"),
    "mean": rich("*M*"),
    "sd": rich("*SD*"),
    "se": rich("*SE*"),
    "d_lower": rich("*d*, lower limit"),
    "d_upper": rich("*d*, upper limit"),
    "g_se": rich("*SE* of *g*"),
    "estimate": rich("estimate"),
    "lower": rich("lower limit"),
    "upper": rich("upper limit"),
    "eta2": rich("η^2^~p~"),
    "tau2": rich("τ^2^"),
    "tau": rich("τ"),
    "i2": rich("*I*^2^"),
    "q": rich("*Q*"),
    "q_df": rich("*df* of *Q*"),
    "q_p": rich("*p* of *Q*"),
    "d_pooled_n": rich("*d*"),
    "d_pooled_n_lower": rich("*d*, limit"),
    "d_pooled_n_upper": rich("*d*, limit"),
    "aic": rich("AIC"),
    "loglik": rich("log-likelihood"),
    "k": rich("*k*"),
}
"""How a statistic is written; others by their name."""

DECIMALS_MORE = 2
"""Digits shown of a recomputed value beyond those of the printed one."""


def counts_table(ledger: Ledger) -> TableSpec:
    """Lines by study and verdict."""
    columns = (
        TableColumn(text("Study"), "left"),
        *(TableColumn(text(v.capitalize()), "right") for v in VERDICTS),
        TableColumn(text("All"), "right"),
    )
    rows = []
    for study in ledger.studies:
        found = ledger.counts(study)
        rows.append(
            row(ledger.label(study), *(count(n) if n else DASH for n in found.values()), count(sum(found.values())))
        )
    if len(rows) > 1:
        total = ledger.counts()
        rows.append(row("All", *(count(n) for n in total.values()), count(len(ledger.lines))))
    note = "; ".join(f"{name} = {meaning}" for name, meaning in VERDICTS.items())
    return TableSpec(
        name="ledger.counts",
        title=text("Printed Numbers by Verdict"),
        columns=columns,
        rows=tuple(rows),
        notes=Notes(text(f"{note}. {DASH} = none.")),
        category="ledger",
    )


def findings_table(ledger: Ledger) -> TableSpec | None:
    """What does not fit, with the innocent explanations."""
    if not ledger.findings:
        return None
    heads = ("Inconsistency", "Printed", "Would fit", "It may be that")
    rows = []
    for study in dict.fromkeys(f.file for f in ledger.findings):
        rows.append(heading(ledger.label(study)))
        for f in (f for f in ledger.findings if f.file == study):
            rows.append(
                row(f.message[0].upper() + f.message[1:], _minus(f.value), _minus(f.expected), f.advice, level=1)
            )
    note = "These checks use the printed numbers alone; each calls for a second look, none says that a result is wrong."
    return TableSpec(
        name="ledger.findings",
        title=text("Internal Consistency of the Published Numbers"),
        columns=tuple(TableColumn(text(head), "left") for head in heads),
        rows=tuple(rows),
        notes=Notes(text(note)),
        category="ledger",
    )


def study_table(ledger: Ledger, study: str) -> TableSpec:
    """All lines of one study, grouped by the table they are printed in and by what they are about."""
    lines = ledger.of(study)
    heads = ("Statistic", "Printed", "Recomputed [range]", "Formula", "Verdict")
    columns = tuple(TableColumn(text(h), "left") for h in heads)
    rows: list[TableRow] = []
    for table, source in dict.fromkeys((line.table, line.source) for line in lines):
        rows.append(heading(_heading(table, source)))
        mine = [line for line in lines if (line.table, line.source) == (table, source)]
        for what in dict.fromkeys(line.what for line in mine):
            here = [line for line in mine if line.what == what]
            title = (what or "Whole model")[0].upper() + (what or "Whole model")[1:]
            if len(here) == 1 and here[0].statistic in ("n", "statement"):
                rows.append(_line_row(here[0], text(title), 1))
            else:
                rows.append(heading(title, 1))
                rows += [
                    _line_row(line, SYMBOLS.get(line.statistic, text(line.statistic.replace("_", " "))), 2)
                    for line in here
                ]
    note = "Range = values that the printed inputs allow, each standing for all values that round to it."
    return TableSpec(
        name=f"ledger.{study}",
        title=text(f"Ledger of {ledger.label(study)}"),
        columns=columns,
        rows=tuple(rows),
        notes=Notes(text(note)),
        category="ledger",
    )


def _line_row(line: LedgerLine, stub: Text, level: int) -> TableRow:
    """One line; its note stands with the verdict."""
    note = f" ({line.note})" if line.note else ""
    return row(stub, _minus(line.printed), recomputed(line), _formula(line), line.verdict + note, level=level)


def _formula(line: LedgerLine) -> str:
    """The formula, without the keys of the results table, which the CSV holds."""
    if line.definition == "own_rerun":
        reverse = ", sign reversed" if line.formula.endswith("sign reversed") else ""
        return f"the trial's own results table{reverse}"
    return line.formula or DASH


def _heading(table: str, source: str) -> str:
    """A table of the paper in words."""
    name = {"counts": "Participants", "claims": "Other statements"}.get(table, "")
    words = ": ".join(part for part in (name, source) if part) or table
    return words[0].upper() + words[1:]


def recomputed(line: LedgerLine) -> str:
    """A recomputed value with its range, two digits beyond the print."""
    if math.isnan(line.recomputed):
        return DASH
    whole = line.statistic in ("n", "k", "df", "df2", "q_df", "added") and float(line.recomputed).is_integer()
    digits = 0 if whole else printed(line.printed).decimals + DECIMALS_MORE
    style = bounded if line.statistic in ("p", "q_p") else fixed
    shown = style(line.recomputed, digits)
    same = math.isclose(line.lower, line.upper, rel_tol=1e-12, abs_tol=1e-15)
    return shown if same else f"{shown} {interval(line.lower, line.upper, digits, style)}"


def _minus(shown: str) -> str:
    """A true minus before digits."""
    import re

    return re.sub(r"(?<![\w.])-(?=[\d.])", MINUS, shown)


def evidence_table(found: Evidence) -> TableSpec:
    """Pooled results of one field, under both conventions."""
    assert found.pooled is not None
    parts = (_pooled_rows, _heterogeneity_rows, _sensitivity_rows, _moderator_rows)
    columns = tuple(TableColumn(text(head), "left") for head in ("Quantity", "Value [95% CI]", "Convention"))
    note = (
        "Hedges’ g, positive values favour the treatment; effects within one trial are not "
        "independent, which only the three-level model allows for."
    )
    title = f"Pooled Effects on {found.label.capitalize()} ({found.pooled.k} Effects)"
    rows = tuple(line for part in parts for line in part(found))
    return TableSpec(
        name=f"evidence.{found.field}",
        title=text(title),
        columns=columns,
        rows=rows,
        notes=Notes(text(note)),
        category="evidence",
    )


def _pooled_rows(found: Evidence) -> Iterator[TableRow]:
    """Pooled effects, and where that of a new trial may lie."""
    fit, d = found.pooled, found.dependent
    assert fit is not None
    yield row(
        "Pooled effect, effects taken as independent",
        f"{fixed(fit.b[0])} {interval(fit.lower[0], fit.upper[0])}",
        "REML, Hartung-Knapp, t with k − 1 df"
        if fit.factor > NO_SPREAD
        else "REML, t with k − 1 df; the effects do not differ at all, so that Hartung and Knapp’s factor is held at 1",
    )
    if fit.floored is not None and fit.factor > NO_SPREAD:
        yield row(
            "The same, never narrower than the classic interval",
            f"{fixed(fit.b[0])} {interval(fit.floored.lower[0], fit.floored.upper[0])}",
            f"Hartung-Knapp with its factor ({fixed(fit.factor)}) held at 1 (Röver et al., 2015)",
        )
    if d is not None:
        yield row(
            "Pooled effect, effects within trials",
            f"{fixed(d.b[0])} {interval(d.lower[0], d.upper[0])}",
            f"three-level REML; robust SE {fixed(d.robust_se[0])} over {d.trials} trials (CR1)",
        )
    metafor, meta = fit.prediction("metafor"), fit.prediction("meta")
    name = "95% prediction interval"
    yield row(name, interval(metafor.lower, metafor.upper), "t with k − 1 df and Hartung-Knapp SE, as metafor")
    yield row(name, interval(meta.lower, meta.upper), "t with k − 2 df and classic SE, as R meta")
    if d is not None:
        within = d.prediction()
        yield row(name, interval(within.lower, within.upper), "three-level, t with k − 1 df, as metafor")


def _heterogeneity_rows(found: Evidence) -> Iterator[TableRow]:
    """How far effects differ beyond sampling."""
    fit, profile = found.pooled, found.profile
    assert fit is not None
    limits = "(both limits below 0)" if profile is None else interval(profile.lower, profile.upper, 3)
    yield row("τ²", f"{fixed(fit.tau2, 3)} {limits}", "REML; limits by Q-profile")
    yield row("Q", f"{fixed(fit.q)}, df = {fit.q_df}, {_p(fit.q_p)}", "Cochran")
    yield row("I² from τ²", percent(fit.i2_tau), "as metafor")
    yield row("I² from Q", percent(fit.i2_q), "as R meta")


def _sensitivity_rows(found: Evidence) -> Iterator[TableRow]:
    """How far one effect carries the result, and small-study effects."""
    test, fill = found.asymmetry, found.filled
    assert fill is not None
    span = f"{fixed(min(found.left_out))} to {fixed(max(found.left_out))}"
    yield row("Without one effect in turn", span, "lowest and highest pooled effect")
    if test is not None:
        shown = f"intercept {fixed(test.intercept)}, {_p(test.p)}"
        yield row("Egger’s test", shown, "regression of g/SE on 1/SE, t with k − 2 df")
    after = f"{fixed(fill.pooled.b[0])} {interval(fill.pooled.lower[0], fill.pooled.upper[0])}"
    yield row("Trim and fill", f"{count(fill.added)} filled in: {after}", "L0, centre by REML")


def _moderator_rows(found: Evidence) -> Iterator[TableRow]:
    """Subgroups, and the regression on the year of publication."""
    for name, (estimate, lower, upper, k) in found.groups.items():
        yield row(f"Trials: {name}", f"{fixed(estimate)} {interval(lower, upper)}", f"k = {k}; Hartung-Knapp")
    if found.between is not None:
        b = found.between
        held = f"; {_p(b.p_floored)} with its factor held at 1 or more" if b.p_floored != b.p else ""
        shown = f"F({b.df}, {b.df_within}) = {fixed(b.f)}, {_p(b.p)}"
        yield row("Difference between groups", shown, f"common τ² of the groups, Hartung-Knapp{held}")
    slope = found.by_year
    if slope is not None:
        shown = f"{fixed(slope.estimate, 3)} {interval(slope.lower, slope.upper, 3)}, {_p(slope.p)}"
        yield row("Change of g per year of publication", shown, f"meta-regression, k = {slope.k}; {slope.convention}")


def _p(p: float) -> str:
    """ "p = .034" or "p < .001", never torn."""
    shown = p_value(p)
    return f"p{NBSP}{shown}" if shown[0] in "<>" else f"p{NBSP}={NBSP}{shown}"
