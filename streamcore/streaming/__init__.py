"""Structured streaming: micro-batches, watermarks, state, progress and the public query API."""
