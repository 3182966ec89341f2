"""Batch execution: plans to fragments to Arrow tables, and Arrow to rows and back."""
