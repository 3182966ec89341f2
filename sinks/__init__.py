"""Built-in sinks, imported as `streamcore.sinks`; the engine finds them by name."""
