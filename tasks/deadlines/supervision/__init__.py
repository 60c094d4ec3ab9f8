"""Warnings and the ladder: what happens by itself when a clock runs out."""
