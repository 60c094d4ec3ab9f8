"""What complaints are sorted by: business, kind of problem, symptom, cause, channel. Data of the office, in no diagram and no code."""
