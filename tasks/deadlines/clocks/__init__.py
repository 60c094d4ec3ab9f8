"""Clocks of cases, stages and tasks: when they are due, what has paused and moved them."""
