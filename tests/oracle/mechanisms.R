# Reference values for mediation, moderation, pooling and reference-based imputation, made by R. The data are drawn here and
# stored with the results, so that the tests need no R. Run in this folder:  Rscript mechanisms.R
suppressPackageStartupMessages({library(lavaan); library(nlme); library(emmeans); library(mice); library(jsonlite)})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
set.seed(20140910)
tight <- glsControl(opt = "optim", msTol = 1e-16, msMaxIter = 1000, maxIter = 1000, tolerance = 1e-12)
keep <- function(x) round(x, 3)

# Mediation: two mediators, sequential regressions as a path model
n <- 90; x <- rep(0:1, n / 2); m0 <- keep(rnorm(n, 25, 6)); k0 <- keep(rnorm(n, 10, 3)); y0 <- keep(rnorm(n, 2.5, .6) - .03 * m0)
m1 <- keep(.6 * m0 - 4 * x + rnorm(n, 8, 4)); k1 <- keep(.5 * k0 + 1.2 * x + rnorm(n, 4, 2)); y1 <- keep(.5 * y0 - .03 * m1 + .05 * k1 + .2 * x + rnorm(n, 2, .4))
d <- data.frame(x, m0, k0, y0, m1, k1, y1)
one <- sem("m1 ~ a*x + m0 + y0
            y1 ~ b*m1 + cp*x + m0 + y0
            ab := a*b
            total := cp + a*b", d)
two <- sem("m1 ~ a1*x + m0 + k0 + y0
            k1 ~ a2*x + m0 + k0 + y0
            y1 ~ b1*m1 + b2*k1 + cp*x + m0 + k0 + y0
            m1 ~~ k1
            ab1 := a1*b1
            ab2 := a2*b2", d)
paths <- function(f) { p <- parameterEstimates(f); p <- p[p$label != "", ]; setNames(lapply(seq_len(nrow(p)), function(i) c(p$est[i], p$se[i])), p$label) }
mediation <- list(data = d, one = paths(one), two = paths(two))

# Moderation: three arms, two later visits, numeric and categorical moderator, baseline by visit
n <- 96; arm <- rep(c("control", "mbct", "cft"), n / 3); z <- keep(rnorm(n, 50, 10)); sex <- sample(c("f", "m"), n, TRUE); p <- rnorm(n)
y0 <- keep(20 + 3 * p + rnorm(n, 0, 2))
post <- keep(18 + 3 * p - 2 * (arm == "mbct") - .1 * (arm == "cft") * (z - 50) + rnorm(n, 0, 2)); fu <- keep(18 + 2 * p - (arm == "cft") + .05 * z + rnorm(n, 0, 3))
fu[sample(n, 14)] <- NA
w <- data.frame(id = seq_len(n), arm = factor(arm, levels = c("control", "mbct", "cft")), z, sex, y0, post, fu)
long <- reshape(w, direction = "long", varying = c("post", "fu"), v.names = "y", timevar = "visit", times = c("post", "fu"), idvar = "id")
long$visit <- factor(long$visit, levels = c("post", "fu")); long <- long[!is.na(long$y), ]; long <- long[order(long$id, long$visit), ]
us <- corSymm(form = ~ as.integer(visit) | id); free <- varIdent(form = ~ 1 | visit)
fz <- gls(y ~ visit * (y0 + arm * z), long, correlation = us, weights = free, method = "REML", control = tight)
fs <- gls(y ~ visit * (y0 + arm * sex), long, correlation = us, weights = free, method = "REML", control = tight)
rows <- function(g) { s <- as.data.frame(g); names(s)[names(s) == "z.trend"] <- "estimate"; s[intersect(names(s), c("contrast", "visit", "sex", "z", "estimate", "SE"))] }
contr <- list("mbct - control" = c(-1, 1, 0), "cft - control" = c(-1, 0, 1), "mbct - cft" = c(0, 1, -1))
trends <- rows(contrast(emtrends(fz, ~ arm | visit, var = "z", data = long, mode = "df.error"), contr))
at <- c(mean(z) - sd(z), mean(z), mean(z) + sd(z))
simple <- rows(contrast(emmeans(fz, ~ arm | visit + z, at = list(z = at), data = long, mode = "df.error"), contr))
by_sex <- rows(contrast(emmeans(fs, ~ arm | visit + sex, data = long, mode = "df.error"), contr))
moderation <- list(data = w, at = at, trends = trends, simple = simple, by_sex = by_sex)

# Rubin's rules with the degrees of freedom of Barnard and Rubin
q <- rnorm(25, 2, .3); u <- runif(25, .4, .6)
pooled <- pool.scalar(q, u, n = 40, k = 3); large <- pool.scalar(q, u)
pooling <- list(q = q, u = u, n = 40, k = 3, estimate = pooled$qbar, se = sqrt(pooled$t), df = pooled$df, df_infinite = large$df, between = pooled$b, within = pooled$ubar)

# Reference-based imputation by conditional means, REML, jackknife: every refit by gls, every conditional mean by hand
n <- 60; arm <- rep(c("drug", "placebo"), n / 2); p <- rnorm(n); y0 <- keep(18 + 3 * p + rnorm(n, 0, 3))
v <- sapply(1:3, function(t) keep(17 + 3 * p - t * (1 + .8 * (arm == "drug")) + rnorm(n, 0, 2 + .3 * t)))
stop <- sample(c(1, 2, 3, 4), n, TRUE, c(0, .12, .18, .7)); for (t in 1:3) v[stop <= t, t] <- NA
gap <- which(stop == 4)[c(3, 9)]; v[gap, 2] <- NA; early <- which(stop == 3)[1:2]; v[early, 1] <- NA
w <- data.frame(id = seq_len(n), arm, y0, v1 = v[, 1], v2 = v[, 2], v3 = v[, 3])
w <- w[rowSums(!is.na(w[, 4:6])) > 0, ]
answer <- function(w, strategy) {
  long <- reshape(w, direction = "long", varying = c("v1", "v2", "v3"), v.names = "y", timevar = "visit", times = 1:3, idvar = "id")
  long$visit <- factor(long$visit); long$arm <- factor(long$arm, levels = c("placebo", "drug")); full <- long; long <- long[!is.na(long$y), ]
  long <- long[order(long$id, long$visit), ]
  f <- gls(y ~ visit * (y0 + arm), long, correlation = corSymm(form = ~ as.integer(visit) | id), weights = varIdent(form = ~ 1 | visit), method = "REML", control = tight)
  sdv <- f$sigma * coef(f$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)[c("1", "2", "3")]
  R <- corMatrix(f$modelStruct$corStruct); R <- R[[which(sapply(R, nrow) == 3)[1]]]; S <- diag(sdv) %*% R %*% diag(sdv)
  mu <- function(arm) { e <- full; e$arm <- factor(arm, levels = c("placebo", "drug")); m <- predict(f, e); matrix(m[order(e$visit, e$id)], ncol = 3) }
  w <- w[order(w$id), ]; own <- mu("drug"); ref <- mu("placebo"); own[w$arm == "placebo", ] <- ref[w$arm == "placebo", ]
  y <- as.matrix(w[, 4:6])
  cond <- function(yi, m) { o <- !is.na(yi); if (all(o)) return(yi); yi[!o] <- m[!o] + S[!o, o, drop = FALSE] %*% solve(S[o, o], (yi - m)[o]); yi }
  for (i in seq_len(nrow(y))) {
    last <- max(which(!is.na(y[i, ]))); m <- own[i, ]
    if (w$arm[i] == "drug" && last < 3 && strategy != "mar") {
      pre <- seq_len(last); post <- (last + 1):3
      if (strategy == "jump_to_reference") m[post] <- ref[i, post]
      if (strategy == "copy_increments") m[post] <- own[i, last] + ref[i, post] - ref[i, last]
      if (strategy == "copy_reference") { y[i, pre] <- cond(y[i, ], own[i, ])[pre]; m <- ref[i, ] }  # gaps stay missing at random
    }
    y[i, ] <- cond(y[i, ], m)
  }
  unname(coef(lm(y[, 3] ~ I(w$arm == "drug") + w$y0))[2])
}
strategies <- c("mar", "jump_to_reference", "copy_reference", "copy_increments")
reference <- lapply(setNames(strategies, strategies), function(s) {
  left <- sapply(seq_len(nrow(w)), function(i) answer(w[-i, ], s)); m <- nrow(w)
  list(estimate = answer(w, s), se = sqrt((m - 1) / m * sum((left - mean(left))^2)))
})

# Proper imputation by mice (visit after visit, within arms) on the same data, missing at random
wide <- w[, c("y0", "v1", "v2", "v3")]; wide$drug <- as.numeric(w$arm == "drug")
imp <- mice(wide, method = "norm", m = 400, maxit = 15, printFlag = FALSE, seed = 1)
fit <- summary(pool(with(imp, lm(v3 ~ drug + y0))))
proper <- list(estimate = fit$estimate[fit$term == "drug"], se = fit$std.error[fit$term == "drug"], df = fit$df[fit$term == "drug"])

versions <- sapply(c("lavaan", "nlme", "emmeans", "mice"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, packages = as.list(versions), mediation = mediation, moderation = moderation, pooling = pooling,
  reference = list(data = w, answers = reference, proper = proper)), "mechanisms.json", digits = NA, auto_unbox = TRUE, pretty = TRUE, na = "null")
