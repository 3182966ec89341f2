"""Running measures of predictions, as settings and arrays that can be merged."""
