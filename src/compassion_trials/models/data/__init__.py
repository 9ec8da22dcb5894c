"""From a data frame to a design: rows of participants by visit, covariates, columns of the mean model."""
