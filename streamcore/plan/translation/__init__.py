"""Spark's expressions as DuckDB SQL, by family of functions."""
