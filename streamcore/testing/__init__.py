"""The public test kit: a manual clock, storage that fails on demand, crash points, contract checks."""
