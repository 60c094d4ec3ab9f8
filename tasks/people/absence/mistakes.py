"""What is wrong with an absence, all of it at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from tasks.mistakes import ChangeRefused, FieldMistake


class Mistake(FieldMistake):
    """What is wrong with a field of an absence."""

    __slots__ = ()
    names: ClassVar[Mapping[str, str]] = {
        "person": "休假人",
        "from": "开始",
        "until": "结束",
        "substitute": "代理人",
        "roles": "代理范围",
        "approvals": "代理审批",
        "hand_over": "工作交接",
        "reason": "事由",
    }


class AbsenceRefused(ChangeRefused[Mistake]):
    """The absence cannot be as it was asked for."""

    refused, refused_zh = "The absence", "没有登记休假"
