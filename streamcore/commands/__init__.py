"""The commands of `streamcore`, one module each.

A module has `register(commands)`, which adds its parser with `set_defaults(run=...)`; `run(arguments)`
returns the exit code.  What a command needs is imported when it runs.
"""
