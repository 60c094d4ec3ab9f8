"""engine/spiff."""
