"""Tables of databases, read through SQLAlchemy by the options of PySpark's format `jdbc`."""
