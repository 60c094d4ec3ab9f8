"""The complaint file: its number, its facts, filing it, finding it, who may see it."""
