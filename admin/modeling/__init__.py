"""Redesigning processes: drafts, the editors of diagrams, decisions and forms, and comparing versions."""
