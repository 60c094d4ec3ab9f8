"""FEEL's values and types, their texts, and the doors to plain data."""
