"""Graded authority to compensate (003§2.5.5): whose it was, within which grade, and every use of it on record."""
