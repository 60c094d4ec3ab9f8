"""What a person does with a task: read it, claim it, give it back, complete it; and what a lead does."""

from tasks.desk.colleagues import Colleague, colleagues
from tasks.desk.completing import Completion, complete
from tasks.desk.delegating import delegate, recall, resolve
from tasks.desk.drafts import Draft, drop_draft, read_draft, save_draft
from tasks.desk.eligible import barred
from tasks.desk.following import following
from tasks.desk.marking import PRIORITIES, follow_up, prioritise
from tasks.desk.reassigning import MOST, Reassigned, reassign, reassign_many
from tasks.desk.returns import returns_of
from tasks.desk.seeing import read_task
from tasks.desk.taking import claim, release

__all__ = [
    "MOST",
    "PRIORITIES",
    "Colleague",
    "Completion",
    "Draft",
    "Reassigned",
    "barred",
    "claim",
    "colleagues",
    "complete",
    "delegate",
    "drop_draft",
    "follow_up",
    "following",
    "prioritise",
    "read_draft",
    "read_task",
    "reassign",
    "reassign_many",
    "recall",
    "release",
    "resolve",
    "returns_of",
    "save_draft",
]
