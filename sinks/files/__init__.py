"""The file sink: data files in Hive folders, and a manifest that makes whole micro-batches visible."""
