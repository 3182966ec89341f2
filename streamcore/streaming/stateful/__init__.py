"""Stateful operators: what a micro-batch does to the state, as functions from tables to tables."""
