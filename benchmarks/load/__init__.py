"""What the HTTP benchmarks share: a server started by the production command, cheap clients, and the
meters.
"""
