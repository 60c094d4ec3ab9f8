"""What a case has besides itself: earlier and later cases, the evidence pack, the original a body outside sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response

from admin import queries
from admin.page import Answer, Page
from admin.show.filters import in_words
from admin.show.language import brief
from engine.errors import InvalidInput
from tasks.cases import submissions
from tasks.cases.facts import facts_of, summary
from tasks.cases.linking.evidence import NAMES, pack
from tasks.cases.linking.links import KINDS, PRIOR, UPGRADED_FROM, children_of, links_of
from tasks.cases.outcomes import outcome_words
from tasks.cases.reading import case_list, read_case
from tasks.evidence.handing_out import SHUT_IN
from tasks.permissions.visibility import visible_to

_METHODS = {
    "phone": ("电话", "telephone"),
    "letter": ("信函", "letter"),
    "fax": ("传真", "fax"),
    "email": ("电子邮件", "e-mail"),
    "visit": ("面访", "visit"),
}
_ATTITUDES = {
    "accepted": ("接受", "accepted"),
    "refused": ("不认可", "refused"),
    "unreachable": ("未联系上", "not reached"),
}
_REVISITED = {
    "satisfied": ("满意", "satisfied"),
    "acceptable": ("基本满意", "fairly satisfied"),
    "dissatisfied": ("不满意", "dissatisfied"),
    "unreachable": ("未联系上", "not reached"),
}
_YES_NO = {True: ("是", "yes"), False: ("否", "no"), None: ("—", "")}


def panels(page: Page, case: Any) -> dict[str, Any]:
    """What the page of a case shows of other cases; `pack` is None where no earlier one is linked."""
    names = queries.process_names(page.session)
    return {
        "links": links(page, case.id),
        "master": children_of(page.session, case.id),
        "original": submissions.has_original(page.session, case.id),
        "pack": _pack(page, case, names) if page.may("evidence.read") else None,
        "number": case.number,
    }


def links(page: Page, case_id: UUID) -> list[dict[str, Any]]:
    """Earlier and later cases of one that the caller sees, as `parts/links.html` shows them."""
    names = queries.process_names(page.session)
    return [_link(row, names) for row in links_of(page.session, page.caller, case_id)]


SAME_CUSTOMER = 10
"""Cases of the same customer shown beside a task, the latest."""


def same_customer(page: Page, number: str, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Other cases that the caller sees and in which the customer's phone stands, latest first; of confidential ones no content."""
    customer = facts.get("customer")
    phone = customer.get("phone") if isinstance(customer, Mapping) else None
    if not isinstance(phone, str) or not page.may("case.read"):
        return []
    try:
        found = case_list(page.session, page.caller, q=phone, limit=SAME_CUSTOMER + 1).items
    except InvalidInput:
        return []  # no number that can be searched for
    names = queries.process_names(page.session)
    return [
        {
            "number": row.number,
            "regime_name": names.get(row.regime, row.regime),
            "filed_at": row.filed_at,
            "status": row.status or "active",
            "outcome": outcome_words(row.outcome) if row.outcome and row.inside else None,
            "summary": "" if row.confidential else summary(facts_of(row)),
        }
        for row in found
        if row.number != number
    ][:SAME_CUSTOMER]


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
        one["in_limit_words"] = {
            True: ("在规定时限内", "in limit"),
            False: ("超出时限", "late"),
            None: ("时限未能确认", "not known"),
        }[one["in_limit"]]
        one["complained"] = {name: in_words(value) for name, value in one["complained"].items() if value}
        for said in one["replies"]:
            said["words"] = NAMES.get(said["kind"], (said["kind"], said["kind"]))
            said["method_words"] = _word(_METHODS, said["method"])
            said["attitude_words"] = _word(_ATTITUDES, said["attitude"])
        for limit in one["limits"]:
            limit["kept"], limit["promise_kept"] = _YES_NO[limit["in_limit"]], _YES_NO[limit["in_promise"]]
        if one["revisit"]:
            outcome = one["revisit"]["answers"].get("outcome")
            one["revisit_words"] = _word(_REVISITED, outcome)
    return found if found["cases"] else None


def _word(names: Mapping[str, tuple[str, str]], word: Any) -> str:
    return brief(*names[word]) if word in names else in_words(word)
