"""Who is on duty when the office is not at work (节假日值班). With examples: docs/absence.md."""
