"""What a check has to say: one finding per problem, all problems at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem (or remark) about one element of one file.

    severity: "error" refuses the deployment; "warning" is shown and does not.
    code: stable, kebab-case, for example "unknown-element".
    message: an English sentence: what is wrong, of which element, what to do; message_zh says the same in Chinese.
    """

    code: str
    message: str
    message_zh: str
    file: str
    line: int = 0
    element_id: str = ""
    element_name: str = ""
    severity: Literal["error", "warning"] = "error"
