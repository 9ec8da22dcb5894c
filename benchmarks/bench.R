# Seconds per fit of lme4::lmer (random intercept) and nlme::gls (unstructured): Rscript bench.R data.csv gls|lmer repeats
args <- commandArgs(TRUE); d <- read.csv(args[1]); d$arm <- factor(d$arm); d$visit <- factor(d$visit); d$id <- factor(d$id)
d$t <- as.integer(d$visit); n <- as.integer(args[3])
fit <- if (args[2] == "lmer") { suppressMessages(library(lme4)); function() lmer(y ~ arm * visit + (1 | id), d) } else {
  suppressMessages(library(nlme)); function() gls(y ~ arm * visit, d, corSymm(form = ~ t | id), varIdent(form = ~ 1 | visit),
                                                  control = glsControl(opt = "optim", maxIter = 500, msMaxIter = 500)) }
invisible(fit()); cat(min(replicate(n, system.time(fit())[["elapsed"]])), "\n")
