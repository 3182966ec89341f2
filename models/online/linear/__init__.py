"""Linear and logistic regression by gradient steps."""
