"""engine/expressions."""
