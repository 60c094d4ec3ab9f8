"""What a deployment comes to, for whoever brought the files: each file, each process, and every finding where it belongs."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from engine.dialect.findings import Finding, Severity, shown
from engine.dialect.ids import author_id
from engine.dialect.model import Need, ProcessModel
from engine.dialect.safe_xml import Element

if TYPE_CHECKING:
    from engine.dialect.compiler import Compilation

State = Literal["runs", "needs-binding", "drawing", "refused"]
"""runs: it can be started; needs-binding: stored, and can be started when its needs are bound; drawing: stored as a
picture, never started; refused: an error in it, or in its file, keeps the whole deployment from being stored."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A process as it stands in a file: the ids of what is in it, as their author wrote them, and its lines."""

    key: str
    name: str
    file: str
    line: int
    last_line: int
    elements: frozenset[str]


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """One file as it is kept. kind: bpmn, dmn, form, archive or other."""

    name: str
    kind: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ProcessOutcome:
    """One process. counts: its findings by severity; those of its file as a whole are not among them."""

    key: str
    name: str
    file: str
    line: int
    state: State
    needs: tuple[Need, ...] = ()
    counts: dict[Severity, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything a deployment is told. process_of: the number of a finding → the key of the process it is about."""

    ok: bool
    counts: dict[Severity, int]
    files: tuple[FileOutcome, ...]
    processes: tuple[ProcessOutcome, ...]
    findings: tuple[Finding, ...]
    process_of: dict[int, str]

    @property
    def startable(self) -> bool:
        """Tell whether anything of it could be started: now, or when it is bound."""
        return any(one.state in ("runs", "needs-binding") for one in self.processes)


def seen_in(file: str, process: Element) -> Seen:
    """Return a process of a file whose ids are settled."""
    lines = [element.sourceline or 0 for element in process.iter()]
    return Seen(
        key=process.get("id") or "",
        name=" ".join((process.get("name") or "").split())[:80],
        file=file,
        line=process.sourceline or 0,
        last_line=max(lines),
        elements=frozenset(shown(author_id(one.get("id"))[:200]) for one in process.iter() if one.get("id")),
    )


def outcome_of(compiled: Compilation) -> Outcome:
    """Return what a compilation comes to."""
    at_home = _Homes(compiled.seen)
    homes = [at_home.of(finding) for finding in compiled.findings]
    findings: dict[int, list[Finding]] = defaultdict(list)
    for finding, home in zip(compiled.findings, homes, strict=True):
        if home is not None:
            findings[id(home)].append(finding)
    models = {(model.key, model.file): model for model in compiled.models}
    of_files = {
        finding.file
        for finding, home in zip(compiled.findings, homes, strict=True)
        if finding.severity == "error" and home is None
    }
    return Outcome(
        ok=not compiled.errors,
        counts=_counts(compiled.findings),
        files=tuple(
            FileOutcome(
                one.name, compiled.kinds[one.name], len(one.content), hashlib.sha256(one.content).hexdigest()
            )
            for one in compiled.files
        ),
        processes=tuple(
            _process(models.get((seen.key, seen.file)), seen, findings[id(seen)], seen.file in of_files)
            for seen in compiled.seen
        ),
        findings=tuple(compiled.findings),
        process_of={number: home.key for number, home in enumerate(homes) if home is not None},
    )


class _Homes:
    """Finds the process a finding is about, or is about something in; the first in its file where there are several."""

    def __init__(self, seen: Iterable[Seen]) -> None:
        self._in_file: dict[str, list[Seen]] = defaultdict(list)
        self._of_element: dict[tuple[str, str], Seen] = {}
        for one in seen:
            self._in_file[one.file].append(one)
            for element in one.elements:
                self._of_element.setdefault((one.file, element), one)

    def of(self, finding: Finding) -> Seen | None:
        """Return the process, or None where it is about the file as a whole."""
        if finding.element_id:
            return self._of_element.get((finding.file, finding.element_id))
        found = self._in_file.get(finding.file, ())
        return next((one for one in found if 0 < one.line <= finding.line <= one.last_line), None)


def _process(
    model: ProcessModel | None, seen: Seen, findings: Sequence[Finding], file_refused: bool
) -> ProcessOutcome:
    counts = _counts(findings)
    state: State = "drawing"
    if file_refused or counts["error"]:
        state = "refused"
    elif model is not None:
        state = "needs-binding" if model.needs else "runs"
    return ProcessOutcome(
        author_id(seen.key), seen.name, seen.file, seen.line, state, model.needs if model else (), counts
    )


def _counts(findings: Sequence[Finding]) -> dict[Severity, int]:
    found = Counter(finding.severity for finding in findings)
    return {severity: found[severity] for severity in get_args(Severity)}
