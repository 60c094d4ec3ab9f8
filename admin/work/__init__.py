"""The desk: the lists of tasks, and one task with its form."""
