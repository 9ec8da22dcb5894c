# Reference values for change, responders, families, margins, explained variance and pilot quantities, made by R. The data
# are drawn here and stored with the results, so that the tests need no R. Run in this folder:  Rscript change_responders.R
suppressPackageStartupMessages({library(effectsize); library(psych); library(emmeans); library(metafor); library(gee); library(jsonlite)})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
set.seed(20140910)

# Proportions: exact and Wilson limits; Newcombe's difference from the Wilson limits of prop.test
wilson <- function(k, n) as.numeric(prop.test(k, n, correct = FALSE)$conf.int)
tables <- list(c(15, 20, 8, 22), c(3, 18, 7, 16), c(0, 12, 4, 15), c(24, 24, 19, 25), c(101, 240, 77, 251))
compared <- lapply(tables, function(t) {
  a <- wilson(t[1], t[2]); b <- wilson(t[3], t[4]); p <- t[1] / t[2]; q <- t[3] / t[4]
  cells <- c(t[1], t[2] - t[1], t[3], t[4] - t[3]); if (min(cells) == 0) cells <- cells + .5
  rr <- escalc("RR", ai = cells[1], bi = cells[2], ci = cells[3], di = cells[4], add = 0)
  or <- escalc("OR", ai = cells[1], bi = cells[2], ci = cells[3], di = cells[4], add = 0)
  limits <- function(e) as.numeric(exp(e$yi + c(0, -1, 1) * qnorm(.975) * sqrt(e$vi)))
  list(counts = t, exact = as.numeric(binom.test(t[1], t[2])$conf.int), wilson = a,
    difference = c(p - q, p - q - sqrt((p - a[1])^2 + (b[2] - q)^2), p - q + sqrt((a[2] - p)^2 + (q - b[1])^2)),
    risk_ratio = limits(rr), odds_ratio = limits(or))
})

# F tests
shares <- lapply(list(c(4.3, 2, 40), c(.6, 2, 40), c(12.5, 1, 71), c(2.1, 4, 112)), function(f) {
  e <- F_to_eta2(f[1], f[2], f[3], alternative = "two.sided"); o <- F_to_omega2(f[1], f[2], f[3], alternative = "two.sided")
  list(test = f, eta = as.numeric(unlist(e[1, c(1, 3, 4)])), omega = as.numeric(unlist(o[1, c(1, 3, 4)])))
})

# Multiplicity
p <- c(.011, .02, .049, .26)
adjusted <- lapply(c(bonferroni = "bonferroni", holm = "holm", hochberg = "hochberg", hommel = "hommel", bh = "BH"), function(m) p.adjust(p, m))

# Equivalence and non-inferiority of a difference of arms (emmeans)
d <- data.frame(arm = factor(rep(c("cft", "mbct"), c(19, 21))), y = round(rnorm(40, 20, 4), 3))
contrast <- contrast(emmeans(lm(y ~ arm, d), "arm"), list(d = c(-1, 1)))
line <- as.data.frame(contrast)
margins <- list(estimate = line$estimate, se = line$SE, df = line$df, delta = 3,
  equivalence = as.data.frame(test(contrast, delta = 3, side = "equivalence"))$p.value,
  noninferiority = as.data.frame(test(contrast, delta = 3, side = "noninferiority"))$p.value,
  nonsuperiority = as.data.frame(test(contrast, delta = 3, side = "nonsuperiority"))$p.value)

# Intraclass correlation of groups of equal size (psych: ICC1 with F limits)
y <- round(rep(rnorm(7, 0, 2), each = 6) + rnorm(42, 10, 4), 3)
icc <- suppressMessages(suppressWarnings(ICC(matrix(y, 7, 6, byrow = TRUE), lmer = FALSE)))$results[1, c("ICC", "lower bound", "upper bound")]
groups <- list(y = y, icc = as.numeric(unlist(icc)))

# Standard deviation, correlation, dose
x <- round(rnorm(30, 50, 9), 3); before <- round(rnorm(30, 20, 4), 3); arm <- rep(c(0, 1), each = 15)
after <- round(before - .08 * x + arm + rnorm(30, 0, 3), 3)
change <- after - before
m <- summary(lm(change ~ x + before + factor(arm)))$coefficients["x", ]
pilot <- list(x = x, before = before, after = after, arm = arm, sd = sd(x), sd_limits = sqrt(29 * var(x) / qchisq(c(.975, .025), 29)),
  sd_upper = sqrt(29 * var(x) / qchisq(.2, 29)), r = cor(x, before), r_limits = as.numeric(cor.test(x, before)$conf.int),
  slope = as.numeric(m), slope_limits = as.numeric(confint(lm(change ~ x + before + factor(arm)))["x", ]))

# Power of the two-sample t test
power <- lapply(list(c(20, .6), c(36, .5), c(64, .5)), function(a) list(n = a[1], d = a[2], power = power.t.test(a[1], a[2], strict = TRUE)$power))

# Responders over visits: logistic GEE, exchangeable (gee), with the bias-reduced sandwich of Mancl & DeRouen (2001) written out
n <- 90; t <- 3
who <- rep(0:2, each = n / 3); score <- round(rnorm(n, 20, 5), 3); u <- rnorm(n, 0, 1.2)
chance <- sapply(1:t, function(v) plogis(-.9 + .25 * v + c(.9, .4, 0)[who + 1] - .06 * (score - 20) + u))
yes <- matrix(as.numeric(runif(n * t) < chance), n, t)
yes[seq(3, n, 7), 2:3] <- NA; yes[seq(5, n, 11), 3] <- NA
long <- data.frame(id = rep(1:n, each = t), visit = rep(1:t, n), who = rep(who, each = t), b = rep(score - mean(score), each = t), y = as.vector(t(yes)))
long <- long[!is.na(long$y), ]
x <- cbind(sapply(1:t, function(v) long$visit == v), do.call(cbind, lapply(0:1, function(a) sapply(1:t, function(v) long$who == a & long$visit == v))), long$b) * 1
capture.output(g <- suppressMessages(gee(y ~ 0 + x, id = id, data = long, family = binomial, corstr = "exchangeable", tol = 1e-12, maxiter = 200)))
beta <- coef(g); rho <- g$working.correlation[1, 2]
pieces <- lapply(split(seq_len(nrow(long)), long$id), function(i) {
  m <- plogis(x[i, , drop = FALSE] %*% beta)[, 1]; a <- sqrt(m * (1 - m)); r <- matrix(rho, length(i), length(i)); diag(r) <- 1
  list(d = m * (1 - m) * x[i, , drop = FALSE], w = solve(r * outer(a, a)), e = long$y[i] - m)
})
bread <- solve(Reduce(`+`, lapply(pieces, function(q) t(q$d) %*% q$w %*% q$d)))
sandwich <- function(reduced) bread %*% Reduce(`+`, lapply(pieces, function(q) {
  h <- q$d %*% bread %*% t(q$d) %*% q$w; e <- if (reduced) solve(diag(length(q$e)) - h, q$e) else q$e
  tcrossprod(t(q$d) %*% q$w %*% e) })) %*% bread
stopifnot(max(abs(sqrt(diag(sandwich(FALSE))) / sqrt(diag(g$robust.variance)) - 1)) < 1e-6)
here <- 4:9; b <- as.numeric(beta[here]); se <- sqrt(diag(sandwich(TRUE)))[here]
gee_fit <- list(responded = yes, arm = who, baseline = score, odds_ratio = exp(b), lower = exp(b - qnorm(.975) * se), upper = exp(b + qnorm(.975) * se),
  p = 2 * pnorm(-abs(b / se)), robust_se = as.numeric(sqrt(diag(g$robust.variance))[here]))

versions <- sapply(c("effectsize", "psych", "emmeans", "metafor", "gee"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, packages = as.list(versions), compared = compared, shares = shares, p = p, adjusted = adjusted,
  margins = margins, groups = groups, pilot = pilot, power = power, gee = gee_fit), "change_responders.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
