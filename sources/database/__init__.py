"""Tables of databases as streams: the rows that are new by the values of a column."""
