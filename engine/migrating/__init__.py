"""Moves running instances to another version of their process: a proof first, then the move by the same code."""
