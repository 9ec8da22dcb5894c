# Reference values for tests/oracle from nlme, lme4 with lmerTest and pbkrtest, emmeans, glmmTMB and clubSandwich.
# Usage: Rscript references.R <folder of csv files> <out.json>      (python tests/oracle/regenerate.py does it)
# Every case is a record: source, loglik and, where the reference has them, covariance, means, arm, change, joint.
suppressMessages({
  library(nlme); library(lme4); library(lmerTest); library(pbkrtest); library(emmeans)
  library(clubSandwich); library(jsonlite)
})
options(contrasts = c("contr.treatment", "contr.poly"))
emm_options(pbkrtest.limit = 1e5, lmerTest.limit = 1e5)
args <- commandArgs(TRUE)

read <- function(name, arms) {
  d <- read.csv(file.path(args[1], paste0(name, ".csv")), colClasses = c(id = "character"))
  d$visit <- factor(d$visit, unique(d$visit[order(d$weeks)]))
  d$arm <- factor(d$arm, arms)
  d$id <- factor(d$id)
  d$t <- as.integer(d$visit)
  d[order(d$id, d$t), ]
}
two <- read("two_arms", c("Control", "Course"))
three <- read("three_arms", c("Waitlist", "Course", "Reading"))
slopes <- read("slopes", c("Control", "Course"))
partly <- read("partly_grouped", c("Control", "Groups"))
grouped <- read("grouped", c("Support", "Course"))
single <- read("one_arm", "Course")
sleeps <- read("sleep", "patients")
growth <- read("growth", c("girl", "boy"))

# The fits ---------------------------------------------------------------------------------------------------------
tight_gls <- glsControl(maxIter = 1000, msMaxIter = 1000, opt = "optim", msTol = 1e-16, tolerance = 1e-10)
tight_lme <- lmeControl(maxIter = 1000, msMaxIter = 1000, msMaxEval = 5000, opt = "optim", msTol = 1e-16, tolerance = 1e-10)
tight_lmer <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e6), calc.derivs = FALSE)
patterns <- list(
  us = quote(corSymm(form = ~ t | id)), cs = quote(corCompSymm(form = ~ t | id)), ar1 = quote(corAR1(form = ~ t | id)),
  diag = NULL, csh = quote(corCompSymm(form = ~ t | id)), arh1 = quote(corAR1(form = ~ t | id)))
# gls lets optim difference the likelihood with steps of 1e-3, which leaves its optimum off by 1e-6: Newton on numDeriv's
# derivatives of nlme's own likelihood takes it to 1e-9; estimates there are nlme's own too.
fit_gls <- function(formula, d, covariance, method = "REML") {
  weights <- if (covariance %in% c("us", "csh", "arh1", "diag")) quote(varIdent(form = ~ 1 | visit))
  g <- eval(bquote(gls(.(formula), data = d, correlation = .(patterns[[covariance]]), weights = .(weights),
                       method = .(method), control = tight_gls)))
  st <- g$modelStruct; y <- model.response(model.frame(formula, d)); X <- model.matrix(formula, d)
  attr(st, "conLin") <- list(Xy = cbind(X, y), dims = list(N = nrow(X), p = ncol(X), REML = as.integer(method == "REML")),
                             logLik = 0, sigma = 0, fixedSigma = FALSE)
  st <- Initialize(st, d, list(singular.ok = FALSE)); minus <- function(par) -as.numeric(logLik(st, par)); par <- c(coef(st))
  for (k in 1:4) par <- par - solve(numDeriv::hessian(minus, par), numDeriv::grad(minus, par))
  coef(st) <- par
  at <- nlme:::glsEstimate(st, control = list(singular.ok = FALSE))
  g$modelStruct <- st; g$coefficients <- at$beta; g$sigma <- at$sigma; g$logLik <- at$logLik
  g$varBeta <- crossprod(at$sigma * at$varBeta); g   # REML; under ML nlme inflates it, and only the likelihood is used here
}

# bobyqa stops where the deviance no longer changes, which leaves theta at about 1e-7: Newton on numDeriv's gradient
# takes it to 1e-10, so that standard errors and df are exact to more than the tolerance asked of us.
fit_lmer <- function(formula, d, REML = TRUE) {
  m <- eval(bquote(lme4::lmer(.(formula), data = d, REML = .(REML), control = tight_lmer)))
  parts <- lFormula(formula, d, REML = REML); deviance <- do.call(mkLmerDevfun, parts); theta <- getME(m, "theta")
  for (k in 1:4) theta <- theta - solve(numDeriv::hessian(deviance, theta), numDeriv::grad(deviance, theta))
  best <- list(par = theta, fval = deviance(theta), conv = 0, message = "polished")
  polished <- mkMerMod(environment(deviance), best, parts$reTrms, parts$fr); polished@call <- m@call
  as_lmerModLmerTest(polished)
}

# What is written --------------------------------------------------------------------------------------------------
frame <- function(e, ...) {
  s <- as.data.frame(summary(e, infer = c(TRUE, TRUE), ...))
  names(s) <- sub("^emmean$", "estimate", names(s)); names(s) <- sub("^SE$", "se", names(s))
  names(s) <- sub("^t.ratio$", "statistic", names(s)); names(s) <- sub("^p.value$", "p", names(s))
  names(s) <- sub("^lower.CL$", "lower", names(s)); names(s) <- sub("^upper.CL$", "upper", names(s))
  s[] <- lapply(s, function(v) if (is.factor(v)) as.character(v) else v)
  s
}
against_first <- function(e) {          # "Course - Control" at each visit
  s <- frame(contrast(e, "trt.vs.ctrl", ref = 1, adjust = "none"))
  s$arm <- gsub("[()]", "", sub(" - [^-]*$", "", s$contrast)); s$contrast <- NULL; s
}
grid <- function(m, mode = NULL, d) {
  if (is.null(mode)) emmeans(m, ~ arm | visit, mode = "df.error", data = d)
  else emmeans(m, ~ arm | visit, lmer.df = mode)
}
changes <- function(m, mode = NULL, d) {
  e <- if (is.null(mode)) emmeans(m, ~ arm * visit, mode = "df.error", data = d) else emmeans(m, ~ arm * visit, lmer.df = mode)
  s <- frame(contrast(e, interaction = list(arm = "trt.vs.ctrl1", visit = "trt.vs.ctrl1"), adjust = "none"))
  s$arm <- gsub("[()]", "", sub(" - [^-]*$", "", s$arm_trt.vs.ctrl1)); s$visit <- gsub("[()]", "", sub(" - [^-]*$", "", s$visit_trt.vs.ctrl1))
  s[setdiff(names(s), c("arm_trt.vs.ctrl1", "visit_trt.vs.ctrl1"))]
}
sigma_gls <- function(g, d) {           # covariance over all visits, from a person who has them all
  n <- nlevels(d$visit); id <- names(which(table(d$id) == n))[1]
  v <- unclass(getVarCov(g, individual = id)); unname(matrix(as.numeric(v), n))
}
diagonal <- function(g, d) { w <- coef(g$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE); diag((g$sigma * w[levels(d$visit)])^2) }
of_gls <- function(formula, d, covariance, method = "REML", contrasts = TRUE, change = TRUE) {
  g <- fit_gls(formula, d, covariance, method)
  r <- list(source = sprintf("nlme::gls %s, %s, %s", deparse1(formula), covariance, method), loglik = as.numeric(logLik(g)),
            covariance = if (covariance == "diag") diagonal(g, d) else sigma_gls(g, d))
  if (contrasts) r$arm <- against_first(grid(g, NULL, d))
  if (contrasts && change) r$change <- changes(g, NULL, d)
  r
}
components <- function(m) { v <- as.data.frame(VarCorr(m)); lapply(split(v, seq_len(nrow(v))), as.list) |> unname() }
of_lmer <- function(formula, d, mode, change = TRUE) {
  m <- fit_lmer(formula, d)
  a <- anova(m, type = 3, ddf = c(satterthwaite = "Satterthwaite", "kenward-roger" = "Kenward-Roger")[[mode]])
  f <- a["arm:visit", ]
  list(source = sprintf("lme4::lmer %s, %s", deparse1(formula), c(satterthwaite = "lmerTest", "kenward-roger" = "pbkrtest")[[mode]]),
       loglik = as.numeric(logLik(m)), components = components(m), singular = isSingular(m), means = frame(grid(m, mode, d)),
       arm = against_first(grid(m, mode, d)), change = if (change) changes(m, mode, d),
       joint = list(f = f[["F value"]], df_num = f[["NumDF"]], df_den = f[["DenDF"]], p = f[["Pr(>F)"]]))
}
# clda: coefficients of arm x later visit are the contrasts themselves
clda <- function(d, extra = "") {
  cells <- expand.grid(v = levels(d$visit)[-1], a = levels(d$arm)[-1], stringsAsFactors = FALSE)
  for (k in seq_len(nrow(cells))) d[[paste0("c", k)]] <- as.numeric(d$visit == cells$v[k] & d$arm == cells$a[k])
  list(d = d, cells = cells, formula = as.formula(paste("y ~ 0 + visit +", paste0("c", seq_len(nrow(cells)), collapse = " + "), extra)))
}
named <- function(table, cells) {
  s <- as.data.frame(table); s <- s[grep("^c[0-9]+$", rownames(s)), , drop = FALSE]
  k <- as.integer(sub("c", "", rownames(s))); names(s)[1:2] <- c("estimate", "se")
  data.frame(arm = cells$a[k], visit = cells$v[k], s, row.names = NULL, check.names = FALSE)
}
clda_gls <- function(d, covariance, extra = "") {
  k <- clda(d, extra); g <- fit_gls(k$formula, k$d, covariance)
  list(source = sprintf("nlme::gls cLDA columns %s, %s", extra, covariance), loglik = as.numeric(logLik(g)), covariance = sigma_gls(g, d),
       arm = named(summary(g)$tTable[, 1:2], k$cells))
}
clda_lmer <- function(d, mode) {
  k <- clda(d, "+ (1 | id)"); m <- fit_lmer(k$formula, k$d); s <- coef(summary(m, ddf = mode))[, c(1:3, 5)]
  colnames(s)[3:4] <- c("df", "p"); list(source = paste("lme4::lmer cLDA columns + (1 | id),", mode), loglik = as.numeric(logLik(m)), arm = named(s, k$cells))
}
adjusted <- function(d) {               # later visits with the baseline as covariate
  b <- d[d$t == 1, c("id", "y")]; names(b)[2] <- "y0"; p <- merge(d[d$t > 1, ], b, by = "id")
  p$visit <- droplevels(p$visit); p$t <- p$t - 1L; p$id <- droplevels(p$id); p[order(p$id, p$t), ]
}
robust <- function(d, covariance) {     # cluster-robust, Bell-McCaffrey df; contrasts are coefficients of visit:arm
  d$treated <- as.numeric(d$arm == levels(d$arm)[2]); g <- fit_gls(y ~ 0 + visit + visit:treated, d, covariance)
  out <- lapply(c("CR0", "CR2", "CR3"), function(type) {
    s <- coef_test(g, vcov = vcovCR(g, cluster = d$id, type = type), test = "Satterthwaite", coefs = "All")
    s <- s[grep(":treated", s$Coef), ]
    data.frame(arm = levels(d$arm)[2], visit = sub("^visit", "", sub(":treated$", "", s$Coef)), estimate = s$beta, se = s$SE, df = s$df_Satt, p = s$p_Satt)
  })
  names(out) <- c("CR0", "CR2", "CR3")
  t <- nlevels(d$visit); L <- matrix(0, t - 1, 2 * t); L[, t + 1] <- -1; L[cbind(1:(t - 1), t + 2:t)] <- 1
  w <- Wald_test(g, constraints = L, vcov = vcovCR(g, cluster = d$id, type = "CR2"), test = "HTZ")
  out$joint <- list(f = w$Fstat, df_num = w$df_num, df_den = w$df_denom, p = w$p_val); c(list(source = paste("nlme::gls + clubSandwich,", covariance), loglik = as.numeric(logLik(g))), out)
}
of_lme <- function(d, random, weights = NULL, correlation = NULL) {
  m <- eval(bquote(lme(y ~ arm * visit, data = d, random = .(random), weights = .(weights), correlation = .(correlation),
                       method = "REML", control = tight_lme)))
  text <- paste("nlme::lme y ~ arm * visit, random =", deparse1(random), deparse1(weights), deparse1(correlation))
  list(source = text, loglik = as.numeric(logLik(m)), arm = against_first(emmeans(m, ~ arm | visit, mode = "containment", data = d)))
}
of_glmmTMB <- function(formula, d) {    # loglik only: its covariance "toep" is heterogeneous Toeplitz
  m <- glmmTMB::glmmTMB(formula, data = d, dispformula = ~0, REML = TRUE,
                        control = glmmTMB::glmmTMBControl(optCtrl = list(iter.max = 5000, eval.max = 5000, rel.tol = 1e-15)))
  list(source = paste("glmmTMB", deparse1(formula)), loglik = as.numeric(logLik(m)),
       covariance = unname(matrix(as.numeric(glmmTMB::VarCorr(m)$cond[[1]]), nlevels(d$visit))))
}

# The cases --------------------------------------------------------------------------------------------------------
cases <- list()
for (s in c("us", "cs", "csh", "ar1", "arh1", "diag")) {
  cases[[paste0("two_arms_lda_", s)]] <- of_gls(y ~ arm * visit, two, s)
  cases[[paste0("growth_lda_", s)]] <- of_gls(y ~ arm * visit, growth, s)
}
for (s in c("us", "csh", "ar1")) cases[[paste0("two_arms_ml_", s)]] <- of_gls(y ~ arm * visit, two, s, "ML", contrasts = FALSE)
for (s in c("us", "csh", "ar1", "arh1", "cs")) cases[[paste0("sleep_single_", s)]] <- of_gls(y ~ visit, sleeps, s, contrasts = FALSE)
cases$one_arm_single_us <- of_gls(y ~ visit, single, "us", contrasts = FALSE)
cases$two_arms_lda_age_us <- of_gls(y ~ age + arm * visit, two, "us")
cases$three_arms_lda_stratum_us <- of_gls(y ~ stratum + arm * visit, three, "us")
cases$three_arms_lda_us <- of_gls(y ~ arm * visit, three, "us")
cases$two_arms_clda_us <- clda_gls(two, "us")
cases$two_arms_clda_age_us <- clda_gls(two, "us", "+ age")
cases$three_arms_clda_stratum_us <- clda_gls(three, "us", "+ stratum")
cases$two_arms_adjusted_us <- of_gls(y ~ y0 * visit + arm * visit, adjusted(two), "us", change = FALSE)
cases$three_arms_adjusted_us <- of_gls(y ~ y0 * visit + arm * visit, adjusted(three), "us", change = FALSE)
cases$two_arms_lda_us_per_arm <- list(source = "nlme::gls y ~ visit, us, one fit per arm",
  loglik = sum(sapply(levels(two$arm), function(a) as.numeric(logLik(fit_gls(y ~ visit, droplevels(two[two$arm == a, ]), "us"))))))
cases$two_arms_robust_us <- robust(two, "us")
cases$two_arms_robust_cs <- robust(two, "cs")
cases$growth_robust_cs <- robust(growth, "cs")
grouped$later <- as.numeric(grouped$t > 1)                       # groups have not met at baseline
partly$later <- as.numeric(partly$arm == "Groups" & partly$t > 1)
partly$unit <- factor(ifelse(partly$group == "", as.character(partly$id), partly$group))
for (mode in c("kenward-roger", "satterthwaite")) {
  key <- c("kenward-roger" = "kr", satterthwaite = "satt")[[mode]]
  cases[[paste0("two_arms_intercept_", key)]] <- of_lmer(y ~ arm * visit + (1 | id), two, mode)
  cases[[paste0("three_arms_intercept_", key)]] <- of_lmer(y ~ arm * visit + (1 | id), three, mode)
  cases[[paste0("growth_intercept_", key)]] <- of_lmer(y ~ arm * visit + (1 | id), growth, mode)
  cases[[paste0("slopes_intercept_", key)]] <- of_lmer(y ~ arm * visit + (1 | id), slopes, mode)
  cases[[paste0("slopes_slope_", key)]] <- of_lmer(y ~ arm * visit + (1 + weeks | id), slopes, mode)
  cases[[paste0("grouped_nested_", key)]] <- of_lmer(y ~ arm * visit + (1 | id) + (0 + later | group), grouped, mode)
  cases[[paste0("partly_grouped_partial_", key)]] <- of_lmer(y ~ arm * visit + (1 | id) + (0 + later | unit), partly, mode)
}
cases$two_arms_clda_intercept_kr <- clda_lmer(two, "Kenward-Roger")
cases$two_arms_clda_intercept_satt <- clda_lmer(two, "Satterthwaite")
by_arm <- quote(varIdent(form = ~ 1 | arm))
cases$slopes_intercept_by_arm <- of_lme(slopes, quote(~ 1 | id), weights = by_arm)
cases$slopes_slope_by_arm <- of_lme(slopes, quote(~ weeks | id), weights = by_arm)
cases$slopes_intercept_ar1 <- of_lme(slopes, quote(~ 1 | id), correlation = quote(corAR1(form = ~ t | id)))
cases$two_arms_toeph <- of_glmmTMB(y ~ arm * visit + toep(visit + 0 | id), two)
cases$growth_toeph <- of_glmmTMB(y ~ arm * visit + toep(visit + 0 | id), growth)
cases$growth_us_tmb <- of_glmmTMB(y ~ arm * visit + us(visit + 0 | id), growth)
# Marginal means over covariates, all pairs of arms, averages over visits, equivalence and non-inferiority
pairs_of <- function(e) { s <- frame(pairs(e, reverse = TRUE, adjust = "none")); s$contrast <- gsub("[()]", "", s$contrast); s }
g <- fit_gls(y ~ age + arm * visit, two, "us")
cases$means_age <- list(source = "emmeans of nlme::gls, age at its mean", means = frame(grid(g, NULL, two)))
g <- fit_gls(y ~ stratum + arm * visit, three, "us")
e <- function(w) emmeans(g, ~ arm | visit, mode = "df.error", data = three, weights = w)
cases$means_stratum <- list(source = "emmeans of nlme::gls, weights equal and by rows", equal = frame(e("equal")),
                            proportional = frame(e(as.numeric(table(three$stratum)))), pairwise = pairs_of(e("equal")))
m <- fit_lmer(y ~ arm * visit + (1 | id), two)
later <- emmeans(m, ~ arm, at = list(visit = c("post", "fu")), lmer.df = "kenward-roger")
cases$visit_average <- list(source = "emmeans of lmer, mean of post and fu, pbkrtest", average = against_first(later))
at <- contrast(grid(m, "kenward-roger", two), "trt.vs.ctrl", ref = 1, adjust = "none")
one_sided <- function(side, delta) { s <- as.data.frame(test(at, delta = delta, side = side, adjust = "none")); data.frame(visit = s$visit, p = s$p.value) }
cases$margins <- list(source = "emmeans test(delta = 4), lmer, pbkrtest", equivalence = one_sided("equivalence", 4),
                      noninferiority = one_sided("noninferiority", 4), nonsuperiority = one_sided("nonsuperiority", 4))

p <- c(0.001, 0.012, 0.02, 0.031, 0.045, 0.3)
cases$p_adjust <- list(source = "stats::p.adjust", p = p, holm = p.adjust(p, "holm"), hochberg = p.adjust(p, "hochberg"),
                       hommel = p.adjust(p, "hommel"), bh = p.adjust(p, "BH"))

statistic <- c(2.1, -1.4, 2.6); corr <- matrix(c(1, .5, .3, .5, 1, -.2, .3, -.2, 1), 3)
cases$max_t <- list(source = "mvtnorm::pmvt, Genz-Bretz with abseps 1e-7", statistic = statistic, correlation = corr, df = 23,
  p = sapply(abs(statistic), function(t) { set.seed(1); 1 - as.numeric(mvtnorm::pmvt(rep(-t, 3), rep(t, 3), df = 23L, corr = corr,
             algorithm = mvtnorm::GenzBretz(maxpts = 1e7, abseps = 1e-7, releps = 0))) }))

versions <- sapply(c("nlme", "lme4", "lmerTest", "pbkrtest", "emmeans", "glmmTMB", "clubSandwich", "mvtnorm", "numDeriv"), function(x) as.character(packageVersion(x)))
out <- list(R = R.version.string, packages = as.list(versions), cases = cases)
writeLines(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = 1, na = "null", null = "null"), args[2])
