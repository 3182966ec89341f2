"""Object stores (Amazon S3 and what speaks its protocol, Azure Blob Storage, Google Cloud Storage).

`place` reads a URI, `options` and its three tables turn the settings of a session into the keys of the
`object_store` crate, `given` keeps the settings of this process, `client` makes clients of them, `storage`
keeps the contract of `streamcore.storage` with one, and `failures` words what goes wrong.
"""
