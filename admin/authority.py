"""The page 授权使用: every use of authority to compensate, its sums, and what it does for first contact."""

from __future__ import annotations

from datetime import timedelta

from admin.deadlines.outcomes import day_asked, rate_words
from admin.page import Answer, Page
from admin.show.language import brief
from tasks.authority.reading import sums, uses, words
from tasks.deadlines.calendar.arithmetic import day_of
from tasks.deadlines.outcomes import period

SCOPES = {
    "usage": ("业务使用", "usage"),
    "billing_error": ("计费差错", "billing error"),
    "termination": ("解除服务（协议）", "termination"),
}
"""What a scope is called (003§2.5.5); another one is shown as it is."""


def used(page: Page) -> Answer:
    """The uses of a period."""
    begin, end = period(day_asked("first"), day_asked("last"), today=day_of(page.deps.clock.now()))
    first, last = day_of(begin), day_of(end - timedelta(microseconds=1))
    found = uses(page.session, page.deps, page.caller, first=first, last=last, limit=200)
    totals, contact = sums(page.session, page.deps, page.caller, first=first, last=last)
    posts = page.deps.office.current(page.session).organisation.posts
    return page.render(
        "authority.html",
        section="admin.authority",
        first=first,
        last=last,
        items=[
            {
                "use": row,
                "outcome": words(row),
                "scope": brief(*SCOPES.get(row.scope, (row.scope, row.scope))),
                "post": posts[row.post].name if row.post in posts else row.post,
            }
            for row in found.items
        ],
        more=found.next_cursor is not None,
        sums=[(one, brief(*SCOPES.get(one.scope, (one.scope, one.scope)))) for one in totals],
        contact=contact,
        rates=(
            rate_words(contact.rate, contact.answered, contact.filed),
            rate_words(contact.rate_without, contact.answered - contact.with_authority, contact.filed),
        ),
    )
