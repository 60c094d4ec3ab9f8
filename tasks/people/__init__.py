"""Who is there: the organisation, its people, their tokens and sessions, and which group a piece of work goes
to.
"""
