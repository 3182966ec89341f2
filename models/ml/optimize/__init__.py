"""Optimisation underneath the linear models: numpy only, no DataFrames."""
