"""Python functions of users in processes of their own: one worker per task slot, Arrow tables over a pipe.

A function enters a worker once per partition and batch, whatever it does there.
"""
