"""Schema registries with Confluent's API: schemas by subject and by id, and the header of messages."""
