# Reference values for factor models of ordinal answers, made by lavaan (estimator WLSMV, delta parameterization). Simulated
# answers are drawn here and stored with the results, one string of digits per person; answers of the real trials in the folder
# shared are read in place and only results are stored. Run in this folder:  Rscript factors.R
suppressPackageStartupMessages({library(lavaan); library(jsonlite)})
RNGkind("Mersenne-Twister", "Inversion", "Rejection")
set.seed(20140910)
scs <- list(sk = c(5, 12, 19, 23, 26), sj = c(1, 8, 11, 16, 21), ch = c(3, 7, 10, 15), is = c(4, 13, 18, 25), mi = c(9, 14, 17, 22), oi = c(2, 6, 20, 24))
two <- list(pos = c(scs$sk, scs$ch, scs$mi), neg = c(scs$sj, scs$is, scs$oi))
text <- function(x) apply(x, 1, paste0, collapse = "")
by <- function(parts) paste(sapply(names(parts), function(k) paste(k, "=~", paste0("i", parts[[k]], collapse = " + "))), collapse = "\n")
measures <- c("chisq", "df", "chisq.scaled", "pvalue.scaled", "baseline.chisq.scaled", "cfi.scaled", "tli.scaled", "rmsea.scaled",
  "rmsea.ci.lower.scaled", "rmsea.ci.upper.scaled", "srmr")

# Omega of the sum of items (Green & Yang 2009), written out: variance of the sum under correlations r; an item grows by its
# step at each threshold
sum_variance <- function(thresholds, steps, r) {
  total <- 0
  for (i in seq_along(thresholds)) for (j in seq_along(thresholds)) {
    g <- expand.grid(thresholds[[i]], thresholds[[j]])
    both <- if (r[i, j] > 1 - 1e-12) pnorm(pmin(g[, 1], g[, 2])) else pbivnorm::pbivnorm(g[, 1], g[, 2], r[i, j])
    w <- expand.grid(steps[[i]], steps[[j]]); total <- total + sum(w[, 1] * w[, 2] * (both - pnorm(g[, 1]) * pnorm(g[, 2])))
  }
  total
}
one_group <- function(x, parts, bifactor = FALSE) {
  x <- as.data.frame(x); names(x) <- paste0("i", seq_along(x))
  model <- if (bifactor) paste(by(list(g = seq_along(x))), by(parts), sep = "\n") else by(parts)
  f <- cfa(model, x, ordered = names(x), estimator = "WLSMV", std.lv = TRUE, orthogonal = bifactor)
  e <- lavInspect(f, "est"); s <- lavInspect(f, "se"); l <- e$lambda[names(x), , drop = FALSE]
  rho <- lavInspect(f, "sampstat")$cov[names(x), names(x)]; dim(rho) <- rep(length(x), 2)
  tau <- split(as.numeric(e$tau), factor(sub("\\|.*", "", rownames(e$tau)), names(x)))
  steps <- lapply(x, function(v) diff(sort(unique(v)))); whole <- sum_variance(tau, steps, rho)
  list(rho = rho[lower.tri(rho)], loadings = unname(l), se = unname(s$lambda[names(x), , drop = FALSE]), phi = unname(matrix(e$psi, ncol(l))),
    measures = as.list(fitMeasures(f, measures)), converged = lavInspect(f, "converged"),
    omega = c(sum_variance(tau, steps, l %*% e$psi %*% t(l)), sum_variance(tau, steps, tcrossprod(l[, 1]))) / whole)
}

# SCS: a general and six specific factors
n <- 400; l <- matrix(0, 26, 7); l[, 1] <- seq(.5, .7, length = 26); for (k in 1:6) l[scs[[k]], k + 1] <- .45
y <- matrix(rnorm(n * 7), n) %*% t(l) + matrix(rnorm(n * 26), n) %*% diag(sqrt(1 - rowSums(l^2)))
x <- apply(y, 2, function(v) as.integer(cut(v, c(-Inf, -1.2, -.4, .3, 1.1, Inf))))
simulated <- list(answers = text(x), one = one_group(x, list(g = 1:26)), two = one_group(x, two), six = one_group(x, scs), bifactor = one_group(x, scs, TRUE))

# Invariance after Wu & Estabrook (2016): the first group's first visit is the reference
levels <- c("configural", "thresholds", "loadings", "intercepts")
syntax <- function(level, groups, parts, categories, visits = 2) {
  held <- match(level, levels) - 1; out <- c()
  each <- function(f) if (groups == 1) f(1) else paste0("c(", paste(sapply(seq_len(groups), f), collapse = ","), ")")
  for (t in seq_len(visits)) {
    first <- function(g) t == 1 && g == 1
    for (k in names(parts)) {
      terms <- sapply(parts[[k]], function(i) paste0(each(function(g) "NA"), "*i", i, "_", t, " + ", each(function(g) if (held >= 2) paste0("l", i) else paste0("l", i, "_", t, "_", g)), "*i", i, "_", t))
      out <- c(out, paste0(k, t, " =~ ", paste(terms, collapse = " + ")), paste0(k, t, " ~~ ", each(function(g) if (held >= 2 && !first(g)) "NA" else "1"), "*", k, t),
        paste0(k, t, " ~ ", each(function(g) if (held == 3 && !first(g)) "NA" else "0"), "*1"))
    }
    for (i in unlist(parts)) {
      v <- paste0("i", i, "_", t)
      for (c in seq_len(categories[i] - 1)) out <- c(out, paste0(v, " | ", each(function(g) if (held >= 1) paste0("t", i, "_", c) else paste0("t", i, "_", c, "_", t, "_", g)), "*t", c))
      out <- c(out, paste0(v, " ~ ", each(function(g) if (held %in% 1:2 && !first(g)) "NA" else "0"), "*1"), paste0(v, " ~*~ ", each(function(g) if (held >= 1 && !first(g)) "NA" else "1"), "*", v))
    }
  }
  paste(c(out, paste0("i", unlist(parts), "_1 ~~ i", unlist(parts), "_2")), collapse = "\n")
}
steps <- function(x, parts, categories, group = NULL) {
  x <- as.data.frame(x); p <- length(unlist(parts)); names(x) <- paste0("i", rep(1:p, 2), "_", rep(1:2, each = p)); items <- names(x)
  if (!is.null(group)) x$group <- group
  out <- list(); before <- NULL
  for (level in levels) {
    f <- lavaan(syntax(level, max(1, length(unique(group))), parts, categories), x, ordered = items, estimator = "WLSMV", parameterization = "delta",
      group = if (is.null(group)) NULL else "group", auto.cov.lv.x = TRUE)
    d <- if (is.null(before)) NULL else lavTestLRT(before, f, method = "satorra.2000")[2, c("Chisq diff", "Df diff", "Pr(>Chisq)")]
    e <- parameterEstimates(f)
    out[[level]] <- list(measures = as.list(fitMeasures(f, measures)), difference = as.numeric(d), means = e$est[e$op == "~1" & grepl("^[a-z]+[12]$", e$lhs) & !grepl("_", e$lhs)])
    before <- f
  }
  out
}
pairs <- list(a = 1:4, b = 5:8); sizes <- c(210, 190)
draw <- function(n, treated) {
  s <- matrix(.35, 4, 4); diag(s) <- 1; s[1, 3] <- s[3, 1] <- s[2, 4] <- s[4, 2] <- .6
  f <- matrix(rnorm(n * 4), n) %*% chol(s); f[, 3:4] <- if (treated) f[, 3:4] * 1.2 + .5 else f[, 3:4] + .15
  l <- seq(.6, .85, length = 8); u <- matrix(rnorm(n * 8), n)
  do.call(cbind, lapply(1:2, function(t) {
    y <- sapply(1:8, function(j) l[j] * f[, 2 * (t - 1) + (j > 4) + 1] + sqrt(1 - l[j]^2) * (.5 * u[, j] + sqrt(.75) * rnorm(n)) + .4 * (j == 3 && t == 2))
    apply(y, 2, function(v) as.integer(cut(v, c(-Inf, -.9, .1, 1, Inf))))
  }))
}
x <- rbind(draw(sizes[1], FALSE), draw(sizes[2], TRUE)); group <- rep(1:2, sizes)
visits <- list(answers = text(x), group = group, one_group = steps(x, pairs, rep(4, 8)), two_groups = steps(x, pairs, rep(4, 8), group))

# Real trials, read in place
stored <- if (file.exists("factors.json")) read_json("factors.json", simplifyVector = TRUE)$in_place else NULL
shared <- "../../../shared/data/"
if (dir.exists(shared)) {
  w <- read.csv(paste0(shared, "woodworth2017/ahi-cesd.csv")); w <- w[!duplicated(w[c("id", "occasion")]), ]
  cesd <- sprintf("cesd%02d", 1:20); turned <- cesd[c(4, 8, 12, 16)]; w[turned] <- 5 - w[turned]
  pre <- w[w$occasion == 0, ]; g <- read.csv(paste0(shared, "garnaes_pgwbi/garnaes_wide.csv"), check.names = FALSE)
  columns <- sapply(1:22, function(i) grep(paste0("^Q", i, "_Score_?[Pp]re$"), names(g), value = TRUE)); pgwbi <- g[complete.cases(g[columns]), columns]
  radloff <- list(da = c(3, 6, 9, 10, 14, 17, 18), pa = c(4, 8, 12, 16), so = c(1, 2, 5, 7, 11, 13, 20), ip = c(15, 19))
  dupuy <- list(anx = c(5, 8, 17, 19, 22), dep = c(3, 7, 11), pwb = c(1, 9, 15, 20), sc = c(4, 14, 18), gh = c(2, 10, 13), vit = c(6, 12, 16, 21))
  both <- merge(pre[c("id", cesd)], w[w$occasion == 1, c("id", cesd)], by = "id"); both <- as.matrix(both[complete.cases(both), -1])
  for (j in 1:20) { # answers of both visits: one that is missing at a visit counts as the next lower one that is not
    common <- sort(intersect(both[, j], both[, j + 20])); for (k in c(j, j + 20)) both[, k] <- pmax(1, findInterval(both[, k], common)) }
  stored <- list(cesd_one = one_group(pre[cesd], list(g = 1:20)), cesd_four = one_group(pre[cesd], radloff), ahi_one = one_group(pre[sprintf("ahi%02d", 1:24)], list(g = 1:24)),
    pgwbi_one = one_group(pgwbi, list(g = 1:22)), pgwbi_six = one_group(pgwbi, dupuy), cesd_visits = c(list(n = nrow(both)), steps(both, list(g = 1:20), apply(both[, 1:20], 2, max))))
}
versions <- sapply(c("lavaan", "pbivnorm"), function(p) as.character(packageVersion(p)))
write_json(list(R = R.version.string, packages = as.list(versions), simulated = simulated, visits = visits, in_place = stored), "factors.json", digits = NA, auto_unbox = TRUE)
