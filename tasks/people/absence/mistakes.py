"""What is wrong with an absence, all of it at once."""

from __future__ import annotations

from dataclasses import dataclass

from tasks.mistakes import ChangeRefused

FIELDS = {
    "person": "休假人",
    "from": "开始",
    "until": "结束",
    "substitute": "代理人",
    "roles": "代理范围",
    "approvals": "代理审批",
    "hand_over": "工作交接",
    "reason": "事由",
}
"""Field → its Chinese name."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """`path`: the field. `message` follows it in a sentence."""

    path: str
    message: str
    message_zh: str

    @property
    def path_zh(self) -> str:
        return FIELDS.get(self.path, self.path)


class AbsenceRefused(ChangeRefused[Mistake]):
    """The absence cannot be as it was asked for."""

    refused, refused_zh = "The absence", "没有登记休假"
