"""Missing values: imputation, other assumptions, other analyses of the same question."""
