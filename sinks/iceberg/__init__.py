"""The Iceberg sink: data files by the tasks, then one commit of the catalog that holds files and record."""
