"""The file sources: json, csv, parquet and text, batch and streaming."""
