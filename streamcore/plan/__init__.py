"""The logical plan, its analysis and rules, and the fragments it is cut into (pure: no I/O)."""
