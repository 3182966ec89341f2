"""Moving records between partitions: written by map tasks, read by reduce tasks, spilled past a budget."""
