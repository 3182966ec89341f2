"""Decision trees, forests and boosted trees over numpy arrays: the kernels of six estimators."""
