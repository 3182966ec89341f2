"""Hashes and random numbers as the JVM and Spark make them, to the bit: the same seed, the same numbers."""
