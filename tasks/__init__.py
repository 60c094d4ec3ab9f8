"""What people and machines do about a piece of work: cases, user tasks, forms, deadlines, people.

Imports the engine and never `api` or `admin`; nothing here commits.
"""
