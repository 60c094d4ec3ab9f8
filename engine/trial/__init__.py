"""The trial run: every process of a deployment runs once, in a child that can be killed, before anybody starts it.

`trying.Trial` is what a deployment and a check call. The child is forked by `server` (a clean process of its own, never the
caller), walks the process in `walk` with `samples` in place of people, operations and tables, once for every `guess` worth
making, and says what it met; `telling` makes sentences of it.
"""
