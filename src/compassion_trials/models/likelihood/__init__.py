"""The likelihood and its optimum: sufficient statistics, covariance structures, REML, certificate."""
