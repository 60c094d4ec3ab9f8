"""Soundness: what may go wrong with the control flow of a process, found by playing every run of its tokens.

A room of the dialect, because it reads nothing but the compiled model and tells findings like the other readers: it needs
no engine, no data and no child process. Conditions are unknown here, so every way may be taken.
"""
