"""The database sink: rows and the commit record in one transaction, through SQLAlchemy."""
