# Reference values where people met in therapy groups, and for the sensitivity of mediation to unmeasured confounding. The data
# are drawn here and stored with the results, so that the tests need no R. Run in this folder:  Rscript groups.R
suppressPackageStartupMessages({library(lme4); library(clubSandwich); library(jsonlite)})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
set.seed(20150601)
keep <- function(x) round(x, 3)

# A partially nested trial: five groups in the treated arm, of unequal size, everybody alone in the wait-list
size <- c(9, 7, 8, 5, 6); g <- rep(seq_along(size), size); n1 <- length(g); n0 <- 32; n <- n1 + n0
x <- rep(c(1, 0), c(n1, n0)); shared <- function(sd) c(rnorm(length(size), 0, sd)[g], rep(0, n0))
m0 <- keep(rnorm(n, 25, 6)); y0 <- keep(rnorm(n, 2.5, .6) - .03 * m0)
m1 <- keep(.6 * m0 - 4 * x + shared(2) + rnorm(n, 8, 4)); y1 <- keep(.5 * y0 - .03 * m1 + .2 * x + shared(.3) + rnorm(n, 2, .4))
d <- data.frame(x, group = c(g, rep(NA, n0)), m0, y0, m1, y1)
d$unit <- c(g, 100 + seq_len(n0))

# CR2 with Bell-McCaffrey (Satterthwaite) degrees of freedom of least squares
robust <- function(formula) { f <- lm(formula, d); t <- coef_test(f, vcov = "CR2", cluster = d$unit, test = "Satterthwaite")
  lapply(setNames(seq_along(coef(f)), names(coef(f))), function(i) list(estimate = t$beta[i], se = t$SE[i], df = t$df_Satt[i])) }
paths <- list(mediator = robust(m1 ~ x + m0 + y0), outcome = robust(y1 ~ x + m0 + y0 + m1), total = robust(y1 ~ x + m0 + y0))

# The random effect of the group in the treated arm only, REML
d$g <- factor(d$unit)
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5))
fit <- lmer(m1 ~ x + m0 + (0 + x | g), d, control = tight)
v <- as.data.frame(VarCorr(fit))$vcov
grouped <- list(estimate = unname(fixef(fit)["x"]), se_plain = unname(sqrt(vcov(fit)["x", "x"])), group = v[1], residual = v[2])

# Errors of mediator and outcome that correlate by rho: maximum likelihood of both equations with rho held, over a grid, and the rho
# at which the indirect effect is zero. Nothing of Imai's closed form is used.
z <- scale(cbind(m0, y0)); sm <- sd(m1); sy <- sd(y1); M <- (m1 - mean(m1)) / sm; Y <- (y1 - mean(y1)) / sy
X <- cbind(1, x, z); k <- ncol(X)
minus <- function(p, rho) {
  e2 <- M - X %*% p[1:k]; e3 <- Y - X %*% p[k + 1:k] - p[2 * k + 1] * M; s2 <- exp(p[2 * k + 2]); s3 <- exp(p[2 * k + 3])
  u <- e2 / s2; w <- e3 / s3
  n * (log(s2) + log(s3) + .5 * log(1 - rho^2)) + sum(u^2 - 2 * rho * u * w + w^2) / (2 * (1 - rho^2))
}
indirect <- function(rho) {
  p <- c(coef(lm(M ~ X - 1)), coef(lm(Y ~ X - 1)), 0, log(.7), log(.7))
  for (i in 1:6) p <- optim(p, minus, rho = rho, method = "BFGS", control = list(reltol = 1e-16, maxit = 2000))$par
  unname(p[2] * p[2 * k + 1] * sy)
}
grid <- seq(-.9, .9, .15)
root <- uniroot(indirect, c(-.9, .9), tol = 1e-10)$root
rho <- list(grid = grid, indirect = sapply(grid, indirect), zero = root)

versions <- sapply(c("lme4", "clubSandwich"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, packages = as.list(versions), data = d[c("x", "group", "m0", "y0", "m1", "y1")], paths = paths,
  grouped = grouped, rho = rho), "groups.json", digits = NA, auto_unbox = TRUE, pretty = TRUE, na = "null")
