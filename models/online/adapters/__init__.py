"""Estimators of other libraries as online models."""
