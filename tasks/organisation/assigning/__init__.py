"""Who gets the work: the group of a task, and again when the organisation changes."""
