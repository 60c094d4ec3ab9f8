"""What people find on their desk: the named lists, by what they are narrowed and ordered, how many tasks wait in each, and which
task is next.
"""
