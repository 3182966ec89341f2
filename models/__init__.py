"""Online models, imported as `streamcore.models`."""
