"""Runs a folder of other people's diagrams through the real deployment and the real engine, and judges what happened."""
