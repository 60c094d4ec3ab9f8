"""What a case has besides itself: earlier and later cases, the evidence pack, the original a body outside sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from admin import queries
from admin.page import Answer, Page
from admin.show.filters import plain
from tasks.cases import submissions
from tasks.cases.linking.evidence import NAMES, pack
from tasks.cases.linking.links import KINDS, PRIOR, UPGRADED_FROM, children_of, links_of
from tasks.cases.outcomes import outcome_words
from tasks.cases.reading import read_case
from tasks.evidence.handing_out import SHUT_IN
from tasks.permissions.visibility import visible_to

_METHODS = {"phone": "电话", "letter": "信函", "fax": "传真", "email": "电子邮件", "visit": "面访"}
_ATTITUDES = {"accepted": "接受", "refused": "不认可", "unreachable": "未联系上"}
_REVISITED = {
    "satisfied": "满意",
    "acceptable": "基本满意",
    "dissatisfied": "不满意",
    "unreachable": "未联系上",
}
_YES_NO = {True: "是 yes", False: "否 no", None: "—"}


def panels(page: Page, case: Any) -> dict[str, Any]:
    """What the page of a case shows of other cases; `pack` is None where no earlier one is linked."""
    names = queries.process_names(page.session)
    return {
        "links": [_link(row, names) for row in links_of(page.session, page.caller, case.id)],
        "master": children_of(page.session, case.id),
        "original": submissions.has_original(page.session, case.id),
        "pack": _pack(page, case, names) if page.may("evidence.read") else None,
        "number": case.number,
    }


def evidence(page: Page, number: str) -> Answer:
    """The evidence pack of a case, to print."""
    case = read_case(page.session, page.deps, page.caller, number, verb="evidence.read")
    shown = _pack(page, case, queries.process_names(page.session))
    return page.render("evidence.html", section="admin.cases", number=case.number, pack=shown)


def original(page: Page, number: str) -> Answer:
    """What a body outside sent, as a download: it never runs as a page of this site."""
    row = submissions.original(page.session, page.deps, page.caller, number)
    response = Response(row.body, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{number}"'
    response.headers.update(SHUT_IN)
    return response


def _link(row: Any, names: Mapping[str, str]) -> dict[str, Any]:
    words = KINDS.get(row.kind, (row.kind, row.kind, row.kind, row.kind))
    return {
        "number": row.number,
        "regime_name": names.get(row.regime, row.regime),
        "filed_at": row.filed_at,
        "status": row.status or "active",
        "outcome": outcome_words(row.outcome) if row.outcome else None,
        "words": words[:2] if row.earlier else words[2:],
    }


def _pack(page: Page, case: Any, names: Mapping[str, str]) -> dict[str, Any] | None:
    organisation = page.deps.office.current(page.session).organisation
    kinds = (PRIOR, UPGRADED_FROM)
    found = pack(page.session, organisation, case.id, kinds, seen=visible_to(page.caller))
    for one in found["cases"]:
        one["regime_name"] = names.get(one["regime"], one["regime"])
        one["in_limit_words"] = {True: "在规定时限内 in limit", False: "超出时限 late", None: "时限未能确认"}[
            one["in_limit"]
        ]
        one["complained"] = {name: plain(value) for name, value in one["complained"].items() if value}
        for said in one["replies"]:
            said["words"] = NAMES.get(said["kind"], (said["kind"], said["kind"]))
            said["method_words"] = _METHODS.get(said["method"], plain(said["method"]))
            said["attitude_words"] = _ATTITUDES.get(said["attitude"], plain(said["attitude"]))
        for limit in one["limits"]:
            limit["kept"], limit["promise_kept"] = _YES_NO[limit["in_limit"]], _YES_NO[limit["in_promise"]]
        if one["revisit"]:
            outcome = one["revisit"]["answers"].get("outcome")
            one["revisit_words"] = _REVISITED.get(outcome, plain(outcome))
    return found if found["cases"] else None
