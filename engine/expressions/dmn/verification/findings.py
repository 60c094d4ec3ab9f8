"""What the checks have to say of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class TableFinding:
    """One remark about one table: never an error, since the table can be evaluated as it is.

    Codes: table-gap (inputs no rule covers), table-overlap (rules of a unique table that match together),
    table-conflict (rules of an any table that match together and answer differently), rule-never-fires (a cell lets
    nothing through), rule-masked (rules before it, or of a higher priority, take all its inputs), rule-redundant
    (another rule says the same), value-not-allowed, value-wrong-type, table-unchecked (what could not be found out).

    element_id: of the rule, or of the table; element_name: of the decision. rows: rule numbers counted from 1, the rule
    the finding is about first. column: label of the column. example: input expression → FEEL text of a value, such that
    the table then does what the finding says; inputs it does not name may have any value.
    """

    code: str
    severity: Literal["warning", "note"]
    message: str
    message_zh: str
    file: str
    line: int = 0
    element_id: str = ""
    element_name: str = ""
    decision_id: str = ""
    rows: tuple[int, ...] = ()
    column: str = ""
    example: Mapping[str, str] = field(default_factory=dict)
