"""The changes of a PostgreSQL table, in the order in which they were committed, by logical replication."""
