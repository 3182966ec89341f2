"""Tables: names for folders of files, with a schema that is kept beside them."""
