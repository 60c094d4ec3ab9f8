"""The working calendar: which days are worked, and what that makes of a limit."""
