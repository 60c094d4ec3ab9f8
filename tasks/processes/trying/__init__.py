"""Trying out what a process owner is still writing: a decision with inputs of one's own, a form with answers. Stores nothing."""

from tasks.processes.trying.decision import Tried, needs_of, try_decision
from tasks.processes.trying.form import FormTried, shown_form, try_form

__all__ = ["FormTried", "Tried", "needs_of", "shown_form", "try_decision", "try_form"]
