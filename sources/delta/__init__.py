"""The Delta Lake source: tables as they are or were, what comes to them, and their change feed."""
