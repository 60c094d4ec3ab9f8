"""A nation's desks, full of tasks, for `benchmarks/inbox.py`: who sits where, what waits there, and what is asked of it."""
