"""What people and the calendar do to running clocks: pause, extend, promise, choose and count again. All of it ends in
`moving.py`, the one place that writes a due instant; `reach.py` says who may.
"""
