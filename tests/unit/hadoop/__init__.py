"""Files that Hadoop programs exchange."""
