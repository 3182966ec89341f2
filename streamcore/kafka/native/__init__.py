"""Records moved between librdkafka and Arrow by a small C library, where there is one for this machine.

`library` finds and loads it and says why not, `client` makes clients whose handle it knows, `filling` reads
a partition's queue into Arrow buffers.  Without it everything goes by confluent-kafka's own calls: slower,
and the same.
"""
