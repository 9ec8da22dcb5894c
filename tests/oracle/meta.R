# Reference values for the meta-analyses, made by R's metafor. Simulated data are drawn here and stored with the results, so
# that the tests need no R; the data of the folder shared are read in place and only results are stored.
# Run in this folder:  Rscript meta.R
suppressPackageStartupMessages({library(metafor); library(jsonlite)})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
set.seed(20140910)
tight <- list(threshold = 1e-14, maxiter = 10000)
r3 <- function(x) round(x, 3)

# ---- effect sizes (escalc) -------------------------------------------------------------------------------------------
k <- 12
groups <- data.frame(m1 = r3(rnorm(k, 15, 3)), s1 = r3(runif(k, 3, 7)), n1 = sample(8:60, k), m2 = r3(rnorm(k, 18, 3)), s2 = r3(runif(k, 3, 7)), n2 = sample(8:60, k))
# drawn so that the random numbers of what follows stay the same: pre-post changes, counts, correlations
change <- data.frame(m1 = r3(rnorm(10, 12, 3)), s1 = r3(runif(10, 3, 7)), m2 = r3(rnorm(10, 18, 3)), s2 = r3(runif(10, 3, 7)), n = sample(8:60, 10), r = r3(runif(10, .2, .9)))
counts <- data.frame(e1 = rbinom(9, 40, .3), n1 = rep(c(40, 45, 50), 3), e2 = rbinom(9, 40, .45), n2 = rep(c(42, 44, 52), 3))
counts$e1[1] <- 0
correlations <- data.frame(r = r3(runif(11, -.2, .7)), n = sample(15:90, 11))
two <- function(measure) { e <- escalc(measure, m1i = m1, sd1i = s1, n1i = n1, m2i = m2, sd2i = s2, n2i = n2, data = groups); list(y = as.numeric(e$yi), v = as.numeric(e$vi)) }
measures <- list(groups = groups, SMD = two("SMD"))

# ---- one data set: everything that is asked of a pooled effect ------------------------------------------------------
everything <- function(y, v, group = NULL, moderator = NULL) {
  fit <- rma(y, v, method = "REML", test = "knha", control = tight)
  plain <- rma(y, v, method = "REML", control = tight); dl <- rma(y, v, method = "DL"); fe <- rma(y, v, method = "FE")
  pi <- predict(fit); profile <- confint(fit, control = list(tol = 1e-13, maxiter = 10000, tau2.max = 1000))$random
  lm_egger <- regtest(y, v, model = "lm"); slope <- summary(lm(I(y / sqrt(v)) ~ I(1 / sqrt(v))))$coefficients
  out <- list(y = y, v = v, b = as.numeric(fit$b), se = fit$se, lower = fit$ci.lb, upper = fit$ci.ub, t = fit$zval, p = fit$pval, tau2 = fit$tau2, Q = fit$QE, Q_p = fit$QEp, I2 = fit$I2, H2 = fit$H2,
    pi = c(pi$pi.lb, pi$pi.ub), profile = as.numeric(profile["tau^2", c("ci.lb", "ci.ub")]), classic_se = plain$se, classic_pi = { p <- predict(plain); c(p$pi.lb, p$pi.ub) }, dl = c(dl$b, dl$tau2, dl$se), fe = c(fe$b, fe$se),
    leave_one_out = { l <- leave1out(fit); list(b = l$estimate, lower = l$ci.lb, upper = l$ci.ub, tau2 = l$tau2, Q = l$Q) },
    egger = list(t = lm_egger$zval, df = lm_egger$dfs, p = lm_egger$pval, intercept = slope[1, 1], se = slope[1, 2]),
    trimfill = { t <- trimfill(rma(y, v, method = "REML", control = tight), estimator = "L0"); list(added = t$k0, b = as.numeric(t$b), tau2 = t$tau2) })
  if (!is.null(group)) {
    parts <- lapply(unique(group), function(g) { f <- rma(y[group == g], v[group == g], method = "REML", test = "knha", control = tight); c(f$b, f$se, f$tau2, f$QE) })
    b <- sapply(parts, `[`, 1); s <- sapply(parts, `[`, 2); between <- rma(b, sei = s, method = "FE")
    out$group <- group; out$subgroups <- list(names = unique(group), b = b, se = s, tau2 = sapply(parts, `[`, 3), Q = between$QE, p = between$QEp)
  }
  if (!is.null(moderator)) {
    m <- rma(y, v, mods = ~moderator, method = "REML", test = "knha", control = tight)
    out$moderator <- moderator; out$regression <- list(b = as.numeric(m$b), se = m$se, p = m$pval, tau2 = m$tau2, QE = m$QE, F = m$QM, F_p = m$QMp, I2 = m$I2, profile = as.numeric(confint(m, control = list(tol = 1e-13, maxiter = 10000, tau2.max = 1000))$random["tau^2", c("ci.lb", "ci.ub")]))
  }
  out
}
smd <- escalc("SMD", m1i = m1, sd1i = s1, n1i = n1, m2i = m2, sd2i = s2, n2i = n2, data = groups)
even_v <- r3(runif(14, .03, .2)); even_y <- r3(rnorm(14, .4, .4 * sqrt(even_v)))
wide_v <- r3(runif(20, .01, .15)); year <- sample(2005:2024, 20, TRUE); wide_y <- r3(.2 + .03 * (year - 2014) + rnorm(20, 0, .35) + rnorm(20, 0, sqrt(wide_v)))
small_v <- c(.2, .08, .3, .12); small_y <- c(.9, .1, 1.4, .2)
# 13 trials of BCG vaccine (Colditz et al. 1994, doi:10.1001/jama.1994.03510330076038), entered by value
bcg <- data.frame(tpos = c(4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27), tneg = c(119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886),
  cpos = c(11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29), cneg = c(128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825),
  ablat = c(44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33), alloc = c("random", "random", "random", "random", "alternate", "alternate", "random", "random", "random", "systematic", "systematic", "systematic", "systematic"))
rr <- escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = bcg)
# Printed rows of Schanche et al. 2020, doi:10.1186/s40359-020-00417-1, Table 2: post means of seven outcomes
schanche <- escalc("SMD", m1i = c(3.5, 95.6, 46.3, 18.5, 15.7, 10.8, 13.1), sd1i = c(.6, 23.5, 10.5, 4.9, 2.6, 9.5, 6.7), n1i = rep(26, 7), m2i = c(3.8, 107.6, 49.6, 14.1, 14.3, 14.5, 13.8), sd2i = c(.4, 24.5, 9.9, 3.6, 2.1, 9.1, 10.5), n2i = rep(30, 7))
pooled <- list(simulated = everything(as.numeric(smd$yi), as.numeric(smd$vi), rep(c("group", "online", "app"), 4), groups$n1), homogeneous = everything(even_y, even_v),
  years = everything(wide_y, wide_v, rep(c("wl", "active"), 10), year), four = everything(small_y, small_v), bcg = everything(as.numeric(rr$yi), as.numeric(rr$vi), bcg$alloc, bcg$ablat), schanche = everything(as.numeric(schanche$yi), as.numeric(schanche$vi)))
shared <- "../../../shared/data/dmetar/"
if (dir.exists(shared)) {
  drop <- function(x) x[setdiff(names(x), c("y", "v", "group", "moderator"))]
  tw <- read.csv(paste0(shared, "ThirdWave.csv")); sp <- read.csv(paste0(shared, "SuicidePrevention.csv")); dm <- read.csv(paste0(shared, "DepressionMortality.csv"))
  e <- escalc("SMD", m1i = mean.e, sd1i = sd.e, n1i = n.e, m2i = mean.c, sd2i = sd.c, n2i = n.c, data = sp)
  o <- escalc("RR", ai = event.e, n1i = n.e, ci = event.c, n2i = n.c, data = dm)
  in_place <- list(ThirdWave = drop(everything(tw$TE, tw$seTE^2, tw$RiskOfBias)), SuicidePrevention = drop(everything(as.numeric(e$yi), as.numeric(e$vi), NULL, sp$pubyear)), DepressionMortality = drop(everything(as.numeric(o$yi), as.numeric(o$vi))))
}

# ---- dependent effects ----------------------------------------------------------------------------------------------
# rma.mv has no derivatives: where it stops depends on the optimiser (variances differ by 1e-8, the likelihood by less than its
# last digit). So three optimisers at their tightest, and of them the fit with the highest restricted likelihood is the reference.
optimisers <- list(list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-17, maxit = 5000), list(optimizer = "optim", optmethod = "Nelder-Mead", reltol = 1e-17, maxit = 20000),
  list(optimizer = "newuoa", rhoend = 1e-12, maxfun = 50000))
three <- function(y, v, trial, mods = NULL) {
  d <- data.frame(y, v, trial, effect = seq_along(y)); formula <- if (is.null(mods)) ~1 else ~mods
  fits <- lapply(optimisers, function(ctrl) try(rma.mv(y, v, mods = formula, random = ~1 | trial / effect, data = d, method = "REML", test = "t", control = ctrl), silent = TRUE))
  fits <- Filter(function(fit) !inherits(fit, "try-error"), fits) # a degenerate simplex at the boundary is an error
  f <- fits[[which.max(sapply(fits, function(fit) as.numeric(logLik(fit))))]]
  r <- robust(f, cluster = d$trial, adjust = TRUE)
  out <- list(y = y, v = v, trial = trial, b = as.numeric(f$b), se = f$se, lower = f$ci.lb, upper = f$ci.ub, p = f$pval, sigma2 = f$sigma2, Q = f$QE, loglik = as.numeric(logLik(f)), robust_se = r$se, robust_p = r$pval)
  if (is.null(mods)) { p <- predict(f); out$pi <- c(p$pi.lb, p$pi.ub) } else out$mods <- mods
  out
}
trial <- rep(1:9, c(1, 3, 2, 4, 2, 3, 1, 5, 2)); v3 <- r3(runif(length(trial), .02, .12))
y3 <- r3(.4 + rnorm(9, 0, .3)[trial] + rnorm(length(trial), 0, .2) + rnorm(length(trial), 0, sqrt(v3))); dose <- sample(4:12, 9, TRUE)[trial]
flat_v <- rep(c(.1, .2), 8); flat_y <- r3(rnorm(16, .5, .25)); flat_trial <- rep(1:8, each = 2)
between_y <- r3(.3 + rnorm(9, 0, .6)[trial] + rnorm(length(trial), 0, .3 * sqrt(v3))) # no variance between effects of a trial
within_y <- r3(.3 + rnorm(length(trial), 0, .5) - ave(rnorm(length(trial), 0, .5), trial)) # none between trials
many <- rep(1:30, 2 + (1:30) %% 3); many_v <- r3(runif(length(many), .005, .3)); many_y <- r3(.5 + rnorm(30, 0, .25)[many] + rnorm(length(many), 0, .15) + rnorm(length(many), 0, sqrt(many_v)))
# Schools within districts (Konstantopoulos 2011, doi:10.1002/jrsm.35), from the package metadat that metafor brings
schools <- dat.konstantopoulos2011
dependent <- list(simulated = three(y3, v3, trial), moderated = three(y3, v3, trial, dose), boundary = three(flat_y, flat_v, flat_trial), between_only = three(between_y, v3, trial),
  within_only = three(within_y, v3, trial), many = three(many_y, many_v, many), large_numbers = three(100 * y3, 1e4 * v3, trial), schools = three(as.numeric(schools$yi), as.numeric(schools$vi), as.integer(schools$district)))
versions <- sapply(c("metafor"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, packages = as.list(versions), measures = measures, pooled = pooled, in_place = in_place, dependent = dependent), "meta.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
