"""The Iceberg source: a table as of a snapshot, what was appended since, and the tables about a table."""
