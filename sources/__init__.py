"""Built-in sources, imported as `streamcore.sources`; the engine finds them by name."""
