"""What a person does with a task: read it, claim it, give it back, complete it."""

from tasks.desk.completing import Completion, complete
from tasks.desk.returns import returns_of
from tasks.desk.seeing import read_task
from tasks.desk.taking import claim, release

__all__ = ["Completion", "claim", "complete", "read_task", "release", "returns_of"]
