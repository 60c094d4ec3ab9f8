"""What the tests of processing, reply and their parts file and answer where nothing else matters (003§2.4.4, §2.4.5)."""

from __future__ import annotations

from typing import Any, ClassVar

from tests.bpmn.complaint_case import FACTS, USUAL
from tests.bpmn.playing import Played

ANSWERED: dict[str, dict[str, Any]] = {
    **USUAL,
    "sign_transfer": {"outcome": "signed"},
    "judge_order": {"next_step": "own"},
    "help_from_province": {"outcome": "helped", "guidance": "已派技术人员到场。"},
    "confirm_by_remote_unit": {"outcome": "confirmed"},
    "confirm_by_business_department": {"outcome": "confirmed"},
    "reply_progress": {"method": "phone", "agreement": "agreed", "content": "已说明进展并致歉。"},
}


class Work(Played):
    """A ticket that the channel could not answer on the spot."""

    process = "resolution"
    facts = FACTS
    usual = ANSWERED
    given: ClassVar = {
        "loop": {"reprocess": 0, "dispatched": False, "coordination": "none"},
        "decision": {"level": "general", "priority": 0, "clock": {"stage_hours": 17}},
    }

    def loop(self, activity: str) -> dict[str, Any]:
        """What the process counts, as the open activity sees it."""
        found: dict[str, Any] = self.task(activity).variables["loop"]
        return found

    def unit(self, activity: str) -> Any:
        """The unit the open activity is narrowed to."""
        return self.task(activity).properties["route.unit"]

    def to_business_department(self) -> None:
        """The centre cannot judge the type; the business department has signed and judges."""
        self.until("dispatch_order")
        self.does("dispatch_order", target="business_department")
        self.does("sign_order")
