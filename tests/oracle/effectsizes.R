# Reference values for effect sizes, classic tests and reliability, made by R. The data are drawn here and stored with the
# results, so that the tests need no R. Run in this folder:  Rscript effectsizes.R
suppressPackageStartupMessages({library(effectsize); library(psych); library(emmeans); library(afex); library(jsonlite)})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
set.seed(20140910)
round_off <- function(x) round(x, 3)

# Two arms at two visits, sizes unequal
a_pre <- round_off(rnorm(17, 20, 5)); a_post <- round_off(a_pre * .6 + rnorm(17, 4, 4))
b_pre <- round_off(rnorm(23, 21, 6)); b_post <- round_off(b_pre * .7 + rnorm(23, 7, 4))
limits <- function(e) unlist(e[1, c(1, 3, 4)], use.names = FALSE)
ncp <- function(t, df) sapply(c(.975, .025), function(p) uniroot(function(n) pt(t, df, n) - p, c(t - 12, t + 12), tol = 1e-12)$root)
change <- a_post - a_pre
t_paired <- unname(t.test(a_post, a_pre, paired = TRUE)$statistic)
s_av <- sqrt((var(a_pre) + var(a_post)) / 2)
s_rm <- sd(change) / sqrt(2 * (1 - cor(a_pre, a_post)))
scaled <- function(s) c(mean(change) / s, ncp(t_paired, 16) * sd(change) / sqrt(17) / s)
test <- function(h) list(estimate = unname(h$estimate), t = unname(h$statistic), df = unname(h$parameter), p = h$p.value, ci = as.numeric(h$conf.int))
two <- list(a_pre = a_pre, a_post = a_post, b_pre = b_pre, b_post = b_post,
  hedges_g = limits(hedges_g(a_post, b_post)), cohens_d = limits(cohens_d(a_post, b_post)),
  d_z = limits(cohens_d(a_post, a_pre, paired = TRUE)), d_av = scaled(s_av), d_rm = scaled(s_rm),
  welch = test(t.test(change, b_post - b_pre)), student = test(t.test(a_post, b_post, var.equal = TRUE)),
  paired = test(t.test(a_post, a_pre, paired = TRUE)))

# Three arms at three visits: ANCOVA with a categorical covariate, and the mixed analysis of variance
n <- c(12, 10, 14); arm <- rep(c("mbct", "cft", "control"), n); N <- sum(n)
sex <- sample(c("f", "m", "x"), N, TRUE, c(.5, .35, .15)); age <- round(rnorm(N, 45, 10))
person <- rnorm(N, 0, 3)
pre <- round_off(20 + person + rnorm(N, 0, 2)); post <- round_off(18 + person - 2 * (arm != "control") + rnorm(N, 0, 2.5))
fu <- round_off(18 + .8 * person - 1.5 * (arm == "mbct") + rnorm(N, 0, 3))
wide <- data.frame(id = factor(seq_len(N)), arm = factor(arm, levels = c("control", "mbct", "cft")), sex = sex, age = age, pre, post, fu)
fit <- lm(post ~ arm + pre + age + sex, wide)
means <- as.data.frame(emmeans(fit, "arm", weights = "proportional", at = list()))
pairs <- as.data.frame(summary(contrast(emmeans(fit, "arm", weights = "proportional"), method = list(
  "mbct - control" = c(-1, 1, 0), "cft - control" = c(-1, 0, 1), "mbct - cft" = c(0, 1, -1))), infer = TRUE))
long <- reshape(wide, direction = "long", varying = c("pre", "post", "fu"), v.names = "y", timevar = "visit", times = c("pre", "post", "fu"), idvar = "id")
long$visit <- factor(long$visit, levels = c("pre", "post", "fu"))
aov2 <- summary(aov(y ~ arm * visit + Error(id / visit), long))
cell <- function(stratum, row) unlist(aov2[[stratum]][[1]][row, c("F value", "Df", "Pr(>F)")], use.names = FALSE)
gg <- afex::aov_ez("id", "y", long, between = "arm", within = "visit", type = 2)
gg <- summary(gg)$pval.adjustments
three <- list(data = as.list(wide[, c("arm", "sex", "age", "pre", "post", "fu")]),
  means = means[, c("arm", "emmean", "SE", "df", "lower.CL", "upper.CL")],
  contrasts = pairs[, c("contrast", "estimate", "SE", "df", "t.ratio", "p.value", "lower.CL", "upper.CL")],
  anova = list(group = cell(1, 1), time = cell(2, 1), interaction = cell(2, 2), error_df = c(aov2[[1]][[1]][2, "Df"], aov2[[2]][[1]][3, "Df"]),
    epsilon = gg["arm:visit", "GG eps"], p_interaction = gg["arm:visit", "Pr(>F[GG])"]))

# Eight items of one factor with unequal spread, one of them weak
g <- rnorm(120); load <- c(.8, .7, .75, .6, .65, .5, .7, .2)
items <- sapply(seq_along(load), function(i) pmin(5, pmax(1, round(3 + c(1.2, 1, .8, 1.1, .9, 1.3, 1, .7)[i] * (load[i] * g + sqrt(1 - load[i]^2) * rnorm(120))))))
colnames(items) <- paste0("i", 1:8)
minres <- fa(cor(items), nfactors = 1, fm = "minres", min.err = 1e-12)
raw <- suppressWarnings(psych::alpha(items, check.keys = FALSE))
l <- as.numeric(minres$loadings); l <- l * sign(sum(l)); s <- apply(items, 2, sd)
reliability <- list(items = items, alpha = raw$total$raw_alpha, feldt = as.numeric(alpha.ci(raw$total$raw_alpha, 120, 8)[c("lower.ci", "upper.ci")]),
  loadings = l, omega_standardized = sum(l)^2 / (sum(l)^2 + sum(1 - l^2)), omega = sum(s * l)^2 / (sum(s * l)^2 + sum(s^2 * (1 - l^2))),
  omega_psych = suppressMessages(suppressWarnings(omega(items, nfactors = 1, fm = "minres", plot = FALSE)$omega.tot)))

versions <- sapply(c("effectsize", "psych", "emmeans", "afex"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, packages = as.list(versions), two = two, three = three, reliability = reliability),
  "effectsizes.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
