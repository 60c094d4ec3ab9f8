"""The audit trail: every verb with who, what, before and after, in one hash chain per case."""
