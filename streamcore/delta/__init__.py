"""What the source and the sink of Delta Lake share: a table's log, its schema, its values as text."""
