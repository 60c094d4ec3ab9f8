"""One row of the support table: a diagram, and what the gate says of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from engine.dialect.compiler import Compilation, compile_files
from engine.dialect.files import SourceFile
from engine.dialect.findings import Finding

Status = Literal["runs", "converted", "binding", "ignored", "kept", "refused"]

STATUSES: dict[Status, tuple[str, str]] = {
    "runs": ("runs", "执行"),
    "converted": ("converted", "转换后执行"),
    "binding": ("needs binding", "待绑定"),
    "ignored": ("ignored with a remark", "忽略并说明"),
    "kept": ("kept, no behaviour", "保留（无行为）"),
    "refused": ("refused", "拒绝"),
}
"""Status → what the page calls it, in English and Chinese."""

OPERATION = "notify"
"""The one operation the installation of the table offers."""

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'targetNamespace="urn:support"{spaces}>'
)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing an author may write.

    name: as it is written; en, zh: in words. body: the inside of process `p`, or of the definitions where `whole`; what
    the row is about has the id "it" where it may have one. roots: messages, errors and the like. files: what comes
    along, by name. quiet: its status when the gate has nothing to say. flags: attributes of the process. spaces: prefix
    → namespace beside BPMN's and Camunda's.
    """

    name: str
    en: str
    zh: str
    body: str
    roots: str = ""
    quiet: Literal["runs", "kept"] = "runs"
    whole: bool = False
    flags: str = 'isExecutable="true"'
    spaces: tuple[tuple[str, str], ...] = ()
    files: tuple[SourceFile, ...] = ()

    @property
    def content(self) -> bytes:
        """The row's diagram."""
        spaces = "".join(f' xmlns:{prefix}="{address}"' for prefix, address in self.spaces)
        head = HEAD.format(spaces=spaces)
        inside = self.body if self.whole else f'<process id="p" {self.flags}>{self.body}</process>'
        return f"{head}{self.roots}{inside}</definitions>".encode()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the gate says of a row: its status, and the sentence that says why (empty when it just runs)."""

    status: Status
    en: str = ""
    zh: str = ""


def compiled(row: Row) -> Compilation:
    """Return the row's diagram compiled for an installation that offers one operation."""
    return compile_files((SourceFile("row.bpmn", row.content), *row.files), operations=(OPERATION,))


@lru_cache(4096)
def measure(row: Row) -> Outcome:
    """Return how the gate treats a row: the gravest of its findings decides."""
    findings = compiled(row).findings
    for severity, status in _DECIDES.items():
        for finding in findings:
            if finding.severity == severity:
                return Outcome(status, *_sentences(finding))
    return Outcome(row.quiet)


_DECIDES: dict[str, Status] = {
    "error": "refused",
    "binding": "binding",
    "warning": "ignored",
    "note": "converted",
}


def _sentences(finding: Finding) -> tuple[str, str]:
    return _ID.sub("", finding.message), _ID.sub("", finding.message_zh)


_ID = re.compile(r" ?[（(](?:it|p)[)）]")


def flow(*pairs: str) -> str:
    """Return sequence flows "a b", numbered in their order."""
    return "".join(
        f'<sequenceFlow id="f{number}" sourceRef="{pair.split()[0]}" targetRef="{pair.split()[1]}"/>'
        for number, pair in enumerate(pairs, start=1)
    )


def between(element: str, *, more: str = "") -> str:
    """Return the body start → element "it" → end."""
    return f'<startEvent id="s"/>{element}{more}<endEvent id="e"/>{flow("s it", "it e")}'
