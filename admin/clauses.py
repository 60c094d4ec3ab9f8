"""The page 条款对照: the rulebook clause by clause with what does it, and the papers that are missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, request, url_for

from admin import queries
from admin.page import Answer, Page
from admin.show.language import plain
from tasks.clauses import keeping
from tasks.clauses.register import KINDS
from tasks.evidence.handing_out import SHUT_IN
from tasks.evidence.kinds import KINDS as PAPERS
from tasks.evidence.kinds import MEDIA
from tasks.evidence.receiving import Paper

SECTION = "admin.clauses"
TONES = {"built": "done", "later": "warning"}


def clauses(page: Page) -> Answer:
    """Every clause, by source section; `q` finds in id, text and place, `kind` keeps one kind."""
    wanted, kind = request.args.get("q", "").strip()[:80], request.args.get("kind", "")
    register, documents = keeping.clauses(page.session, page.caller)
    deployed = queries.process_names(page.session)
    shown = [
        {
            "clause": clause,
            "kind": (KINDS[clause.kind][0], clause.kind, KINDS[clause.kind][1]),
            "tone": TONES.get(clause.kind, ""),
            "places": [(place, _link(place, deployed)) for place in clause.where],
        }
        for clause in register.clauses
        if (not kind or clause.kind == kind) and _has(clause, wanted)
    ]
    return page.render(
        "clauses.html",
        section=SECTION,
        shown=shown,
        total=len(register.clauses),
        tallies=[(key, KINDS[key][0], number) for key, number in register.by_kind().items()],
        missing=[(paper, documents.get(paper.key, ())) for paper in register.missing],
        filters={"q": wanted, "kind": kind},
        accept=",".join(
            ending for media in sorted(PAPERS["document"].media) for ending in MEDIA[media].endings
        ),
        most=keeping.LARGEST // (1024 * 1024),
    )


def hand_in(page: Page, key: str, sent: Mapping[str, str], paper: Paper) -> Answer:
    """Take a paper that was missing."""
    row = keeping.hand_in(page.session, page.deps, page.caller, key, paper)
    flash(
        plain(
            f"“{row.name}”已上传；现行默认值不变，请按它修改时限登记或流程。",
            "Handed in; what counts stays until it is changed.",
        ),
        "done",
    )
    return redirect(url_for(SECTION, _anchor="missing"), 303)


def document(page: Page, document_id: UUID) -> Answer:
    """A paper that was handed in, as a download."""
    row = keeping.document(page.session, page.caller, document_id)
    response = Response(row.content, content_type=row.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=row.name)
    response.headers.update(SHUT_IN)
    return response


def _has(clause: Any, wanted: str) -> bool:
    texts = (clause.id, clause.text, clause.en, *clause.where)
    return not wanted or any(wanted.lower() in text.lower() for text in texts)


def _link(place: str, deployed: Mapping[str, str]) -> str | None:
    """Where a place can be looked at, if the process it stands in is deployed."""
    kind, _, name = place.rpartition(":") if ":" in place else ("", "", place)
    if kind == "clock":
        return url_for("admin.register", code=name)
    process = name.split(".")[0]
    return url_for("admin.process", key=process) if not kind and process in deployed else None
