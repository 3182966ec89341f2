"""Runs stages of Arrow tasks; knows neither DataFrames nor queries."""
