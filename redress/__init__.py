"""redress."""
