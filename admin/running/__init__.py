"""What runs: instances on their diagram, where they wait, and moving them to another version."""
