"""Time: which days are worked, how long what may take, what is due when, who is pressed, and whose the minutes were.

Each room knows those to its left and no other; contracts in `pyproject.toml` hold them to it:

    calendar ← policies ← clocks ← supervision ← court, faces ← outcomes
    which days  how long   what is   who is told  whose minutes,  what became
    are worked  for whom   due when  and pressed  what is shown   of it all

`calendar/counting.py` alone looks to the right: a changed calendar has to say which open clocks it may move. `functions.py`
(`due`, `warn` in diagrams) and `words.py` (what diagrams may say of time) stand on all rooms and are given to the engine.
"""
