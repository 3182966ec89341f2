"""Models that learn from batches of a stream, as functions from state to state."""
