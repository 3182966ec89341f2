"""Detectors of change in a stream of numbers, as settings and arrays."""
