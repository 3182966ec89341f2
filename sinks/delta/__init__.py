"""The Delta Lake sink: a micro-batch, its transaction identifier and its commit record in one commit."""
