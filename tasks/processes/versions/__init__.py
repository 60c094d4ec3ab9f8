"""The versions of a process: what differs between them, which one is current, and whether it still starts at all."""
