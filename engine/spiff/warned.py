"""What FEEL warned of during one action: kept with the instance as history, equal warnings once with a count.

FEEL says null where data does not fit (DMN 1.5 §10.3.2.13) and goes on. Whoever wonders later why a case took a way
finds here which expression of which activity became null, and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from engine.expressions.feel import Warning

if TYPE_CHECKING:
    from engine.ports import FormWarning
    from engine.spiff.task import Token

MOST_KEPT: Final = 50
"""Different warnings kept of one action; of the others only their number is."""
LONGEST: Final = 500
"""Characters kept of an expression and of a sentence: a warning may quote data."""

Tell = Callable[[str, Iterable[Warning]], None]
"""Takes the text of an expression and what its evaluation warned of."""


class Behalf:
    """A Tell that knows on which token's behalf is evaluated: who asks, where the expression calls a function of the host."""

    __slots__ = ("_name", "_of", "_warned", "_what", "token")

    def __init__(self, warned: Warned, token: Token, what: str, of: str, name: str) -> None:
        self.token = token
        self._name = name
        self._warned = warned
        self._what = what
        self._of = of

    def __call__(self, text: str, warnings: Iterable[Warning]) -> None:
        self._warned.tell(self.token, self._what, self._of, text, warnings, self._name)


@dataclass(slots=True)
class Warned:
    """The warnings of one action. A line of history is written at the first of equal ones; the others are counted in it."""

    kept: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)
    more: dict[str, Any] | None = None

    def by(self, token: Token, what: str, of: str = "", name: str = "") -> Tell:
        """Return what an evaluation on a token's behalf tells its warnings to.

        what: what the expression is to the activity, such as condition, timer or output. of: which of them: the flow, the
        variable it is for, the decision. name: what people call it, where it has a name.
        """
        return Behalf(self, token, what, of, name)

    def of_form(self, token: Token, warnings: Iterable[FormWarning]) -> None:
        """Keep what the form of a task, or of the start, warned of."""
        for one in warnings:
            self.tell(token, "form", "", one.expression, (one.warning,))

    def tell(
        self, token: Token, what: str, of: str, text: str, warnings: Iterable[Warning], name: str = ""
    ) -> None:
        """Keep what an evaluation on a token's behalf warned of."""
        for warning in warnings:
            key = (token.workflow.spec.process_key, token.task_spec.bpmn_id, what, of, text, warning)
            known = self.kept.get(key)
            if known is not None:
                known["count"] += 1
            elif self.more is not None:
                self.more["count"] += 1
            elif len(self.kept) < MOST_KEPT:
                self.kept[key] = line = described(what, of, text, warning, name)
                token.workflow.top_workflow.note("warning_recorded", token, line)
            else:
                self.more = {"what": "more", "count": 1}
                token.workflow.top_workflow.note("warning_recorded", token, self.more)


def described(what: str, of: str, text: str, warning: Warning, name: str = "") -> dict[str, Any]:
    """Return a warning as history keeps it. position counts characters of the expression from 1; name: what people call the
    flow or decision, else what its place says.
    """
    line: dict[str, Any] = {
        "what": what,
        "expression": readable(text, LONGEST),
        "code": warning.code,
        "message": readable(warning.message, LONGEST),
        "message_zh": readable(warning.message_zh, LONGEST),
        "position": warning.position + 1,
        "count": 1,
    }
    if of:
        line["of"] = of
    if called := name or (warning.place.name if warning.place else ""):
        line["name"] = called
    if warning.place is not None:
        line["element"] = warning.place.element
        if warning.place.row:
            line["row"] = warning.place.row
        if warning.place.column:
            line["column"] = warning.place.column
    return line


def readable(sentence: str, longest: int) -> str:
    """Return a sentence any database can keep: bounded, without U+0000 and half characters."""
    text = sentence if len(sentence) <= longest else f"{sentence[:longest]} …"
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
