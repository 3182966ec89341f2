"""Keyed state of stateful operators: in memory, versioned by micro-batch, durable as Arrow files."""
