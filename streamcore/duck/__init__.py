"""DuckDB: SQL text for its dialect (pure), and the engine that runs it."""
