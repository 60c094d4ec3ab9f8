"""The ball-in-court ledger: every minute of a case belongs to a unit and a reason."""
