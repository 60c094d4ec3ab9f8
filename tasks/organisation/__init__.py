"""The organisation: its tree of units, who holds which post where and when, and which group a piece of work goes to."""
