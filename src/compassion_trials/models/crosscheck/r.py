"""The optional third route of the cross-check: R's nlme and lme4 through Rscript, on a table in a temporary folder.

Columns of the design go over as they are, so that R builds nothing by itself. Nothing but numbers and codes is written;
the folder is removed afterwards.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from compassion_trials.models.crosscheck.compare import Engine, Ours, compare, visit_times

if TYPE_CHECKING:
    import pandas as pd

    from compassion_trials.models.fit import Fit

GLS = ("us", "cs", "csh", "ar1", "arh1", "diag")
"""Structures that nlme::gls has."""
SECONDS = 120
"""Longest wait for Rscript."""
R_LOGLIK = 1e-4
"""nlme differences the likelihood with steps of 1e-3 and stops up to 3e-5 short."""
R_ESTIMATE = 5e-4
R_SE = 5e-4

SCRIPT = """
args <- commandArgs(TRUE); d <- read.csv(args[1]); d$visit <- factor(d$t); d$arm <- factor(d$arm); d$id <- factor(d$id)
d <- d[order(d$id, d$t), ]; reml <- args[4] == "REML"; x <- grep("^x[0-9]+$", names(d), value = TRUE)
fixed <- paste("y ~ 0 +", paste(x, collapse = " + "))
if (args[3] == "lmer") {
  suppressMessages(library(lme4))
  m <- lmer(as.formula(paste(fixed, "+", args[5])), d, REML = reml, control = lmerControl(optimizer = "bobyqa",
            optCtrl = list(rhoend = 1e-10, maxfun = 1e6), calc.derivs = FALSE)); beta <- fixef(m)
} else {
  suppressMessages(library(nlme))
  correlation <- switch(args[5], us = corSymm(form = ~ t | id), cs = , csh = corCompSymm(form = ~ t | id),
                        ar1 = , arh1 = corAR1(form = ~ t | id), diag = NULL)
  weights <- if (args[5] %in% c("us", "csh", "arh1", "diag")) varIdent(form = ~ 1 | visit)
  m <- gls(as.formula(fixed), d, correlation, weights, method = args[4], control = glsControl(maxIter = 1000,
           msMaxIter = 1000, opt = "optim", msTol = 1e-16, tolerance = 1e-10)); beta <- coef(m)
}
se <- sqrt(diag(as.matrix(vcov(m))))
if (args[3] == "gls" && !reml) se <- se * sqrt((nrow(d) - length(x)) / nrow(d))   # nlme inflates it under ML
write.csv(data.frame(beta = format(unname(beta[x]), digits = 17), se = format(unname(se), digits = 17),
                     loglik = format(as.numeric(logLik(m)), digits = 17)), args[2], row.names = FALSE, quote = FALSE)
"""


def r_engine(fit: Fit, ours: Ours) -> Engine | str:
    """nlme::gls or lme4::lmer on the same numbers.

    Parameters
    ----------
    fit : Fit
    ours : Ours

    Returns
    -------
    Engine or str
        The comparison, or why there is none.
    """
    rscript = shutil.which("Rscript")
    if rscript is None:
        return "R: Rscript is not installed"
    routine, word = model_words(fit, ours)
    if not routine:
        return "R: neither nlme::gls nor lme4::lmer has this model"
    with tempfile.TemporaryDirectory() as folder:
        script, data, out = (Path(folder) / name for name in ("fit.R", "data.csv", "out.csv"))
        script.write_text(SCRIPT, encoding="utf-8")
        table(fit, ours).to_csv(data, index=False, float_format="%.17g")
        estimator = "REML" if ours.reml else "ML"
        command = [rscript, "--vanilla", str(script), str(data), str(out), routine, estimator, word]
        try:
            done = subprocess.run(
                command, capture_output=True, encoding="utf-8", errors="replace", timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return f"R: no answer in {SECONDS} seconds"
        if done.returncode or not out.exists():
            return "R: " + (done.stderr.strip().splitlines() or ["failed without a message"])[-1]
        beta, se, loglik = np.loadtxt(out, delimiter=",", skiprows=1, ndmin=2).T
    name = "R nlme::gls" if routine == "gls" else "R lme4::lmer"
    return compare(
        name, ours, beta, se, float(loglik[0]), loglik_tolerance=R_LOGLIK, estimate=R_ESTIMATE, se_tolerance=R_SE
    )


def model_words(fit: Fit, ours: Ours) -> tuple[str, str]:
    """Routine ("gls", "lmer" or "") and what it is told: a structure, or random effects as a formula."""
    if fit.methods.per_arm or fit.certificate.boundary or "random effects unbounded" in fit.methods.notes:
        return "", ""
    if not ours.random and ours.grouped:
        return "", ""
    if not ours.random:
        if ours.grouped:
            return "", ""
        several = len(fit.prepared.long.visits) > 1
        return ("gls", ours.residual) if ours.residual in GLS and several else ("", "")
    if ours.residual != "independent":
        return "", ""
    effects = {"intercept": "(1 | id)", "slope": "(1 + time | id)"}[ours.random]
    return "lmer", effects + (" + (0 + met | unit)" if ours.grouped else "")


def table(fit: Fit, ours: Ours) -> pd.DataFrame:
    """Outcome, design columns and codes, one row per observation."""
    import pandas as pd

    long = fit.prepared.long
    columns = {f"x{j + 1}": ours.X[:, j] for j in range(ours.X.shape[1])}
    frame = pd.DataFrame({"y": ours.y, **columns, "id": long.subject, "t": long.visit + 1, "arm": long.arm})
    if ours.random == "slope":
        frame["time"] = visit_times(fit)[long.visit]
    if ours.grouped:
        member = long.group >= 0
        frame["met"] = (member & ((long.visit > 0) | (not fit.prepared.design.has_baseline))).astype(int)
        frame["unit"] = np.where(member, long.group, long.group.max() + 1 + long.subject)
    return frame
