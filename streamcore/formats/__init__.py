"""Binary formats of messages: Avro and Protobuf over Arrow arrays, and registries of their schemas.

What is here knows neither plans nor databases: bytes and a schema go in, Arrow arrays come out, and back.
"""
