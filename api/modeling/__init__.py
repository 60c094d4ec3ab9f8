"""Calls of tools that design processes: what they may say, which versions there are and how they differ."""
