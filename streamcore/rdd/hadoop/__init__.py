"""Files that Hadoop programs exchange: sequence files, and text with keys. No Java classes are run."""
