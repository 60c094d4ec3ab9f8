"""Syntax trees → Python closures, once."""
