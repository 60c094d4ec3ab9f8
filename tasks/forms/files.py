"""filepicker: an answer that is the id of an attachment, or a list of ids where several may be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.errors import InvalidInput
from tasks.evidence.kinds import UPLOADED
from tasks.forms.conditions import evaluate, expression
from tasks.forms.fields import MISSING, Checked, Field, PaperAnswer, Rows, path_text
from tasks.forms.values import said

MOST_FILES = 20


class FilePicker(Field):
    """The property `attachment.kind` says what the papers are (`evidence/kinds.py`); without it any kind is taken."""

    def __init__(self, component: Mapping[str, Any], rows: Rows | None) -> None:
        super().__init__(component, rows)
        properties = component.get("properties")
        named = properties.get("attachment.kind") if isinstance(properties, Mapping) else None
        self.kind = str(named or "")
        if self.kind and self.kind not in UPLOADED:
            raise InvalidInput(
                f"The form's field {component.get('key')} asks for attachments of the kind {self.kind[:40]!r}; "
                f"the kinds are {', '.join(UPLOADED)}."
            )
        self.accept = component.get("accept")
        self.several = component.get("multiple")
        self.accept_formula = _formula(self.accept)
        self.several_formula = _formula(self.several)

    def empty(self, value: Any) -> bool:
        return value is MISSING or value is None or value == "" or value == []

    def take(self, value: Any, situation: Checked, at: tuple[str | int, ...]) -> Any:
        several = self.several
        if self.several_formula is not None:
            several = evaluate(self.several_formula, situation, situation.answers)
        if several is not True:
            return self._one(value, situation, at)
        if not isinstance(value, list):
            situation.add(at, f"must be a list, not {said(value)}", "必须是列表")
            return None
        if len(value) > MOST_FILES:
            situation.add(at, f"takes at most {MOST_FILES} files", f"最多 {MOST_FILES} 个文件")
            return None
        taken = [self._one(one, situation, (*at, index)) for index, one in enumerate(value)]
        if len(set(taken)) != len(taken):
            situation.add(at, "names a file twice", "同一个文件选择了两次")
        return taken

    def _one(self, value: Any, situation: Checked, at: tuple[str | int, ...]) -> str | None:
        try:
            found = UUID(value) if isinstance(value, str) and len(value) == 36 else None
        except ValueError:
            found = None
        if found is None:
            situation.add(at, f"must be the id of an attachment, not {said(value)}", "必须是已上传的附件")
            return None
        accept: Any = self.accept
        if self.accept_formula is not None:
            accept = evaluate(self.accept_formula, situation, situation.answers)
        # What stands between braces is worked out in the browser; here it is not known, and the kind decides.
        accept = accept if isinstance(accept, str) and "{{" not in accept else ""
        situation.papers.append(PaperAnswer(path_text(at), found, self.kind, accept))
        return str(found)


def _formula(value: Any) -> Any:
    return expression(value) if isinstance(value, str) and value.lstrip().startswith("=") else None
