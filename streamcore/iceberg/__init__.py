"""What the Iceberg source and sink share: catalogs, names of tables, types, and what errors mean."""
