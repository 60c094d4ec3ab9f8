"""What every page view is given, and the one place where a page request opens, checks and commits.

A view is a plain function `view(page, **url_arguments)`; the table in `blueprint.py` says which permission it
needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from flask import Response, flash, g, make_response, redirect, render_template, request, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from admin.security import check_csrf, storable
from admin.show.language import plain
from engine.errors import InvalidInput
from tasks.audit.recording import waiting
from tasks.core import DEEPEST, too_deep
from tasks.deadlines.calendar.alarm import missing_years
from tasks.deps import Deps
from tasks.lists.counting import Counts, counts
from tasks.lists.filters import TaskFilter
from tasks.lists.named import task_list
from tasks.people.caller import Caller
from tasks.people.identity import NotSignedIn
from tasks.people.sessions import caller_from_session
from tasks.people.sign_in import COUNTED
from tasks.permissions.matrix import may, require
from tasks.talk.notices import unread_count

SECRET_KEY = "sid"
"""Where the signed cookie keeps the secret of the server-side session."""
CHANGE_PASSWORD = "admin.password"
"""The page for somebody who must change the password first."""
POLLED = "admin.bell"
"""What an open page asks for by itself, with nobody before it."""
_MEANWHILE = (CHANGE_PASSWORD, "admin.change_password")

Answer = AnyResponse | str
View = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Page:
    """One signed-in page request: the installation, the open session, and who asks."""

    deps: Deps
    session: Session
    caller: Caller

    def may(self, permission: str) -> bool:
        return may(self.caller, permission)

    def render(
        self,
        template: str,
        *,
        section: str = "",
        island: bool | str = False,
        waiting: Counts | None = None,
        **values: Any,
    ) -> Response:
        """Render a template inside the frame: who is signed in, what they may do, what waits for them.

        island: whether the page holds one, and which where it needs more than the others (`security.POLICIES`).
        waiting: how many tasks wait, where the view has counted them already.
        """
        shown: dict[str, Any] = {"inbox": 0, "queue": 0, "late": False}
        if self.may("task.read"):
            found = waiting or counts(self.session, self.deps, self.caller)
            late = task_list(
                self.session,
                self.deps,
                self.caller,
                "inbox",
                where=TaskFilter(due_before=self.deps.clock.now()),
                limit=1,
            )
            shown = {"inbox": found.inbox, "queue": found.queue, "late": bool(late.items)}
        response = make_response(
            render_template(
                template,
                me=self.caller,
                may=self.may,
                counts=shown,
                unread=unread_count(self.session, self.deps, self.caller) if self.may("notice.read") else 0,
                section=section,
                signed_in=True,
                **values,
            )
        )
        if island:
            response.headers["X-Redress-Island"] = island if isinstance(island, str) else "yes"
        return response


FIRST = (
    ("task.read", "admin.inbox"),
    ("case.read", "admin.cases"),
    ("incident.retry", "admin.incidents"),
    ("definition.read", "admin.processes"),
)


def first_page(caller: Caller) -> str:
    """The address of the page somebody begins with: the first of FIRST that they may open."""
    endpoint = next((endpoint for verb, endpoint in FIRST if may(caller, verb)), "admin.permissions")
    return url_for(endpoint)


def home(page: Page) -> Answer:
    """Go where the caller's work begins; whoever keeps the calendar is told there when a year is missing."""
    if page.may("calendar.manage"):
        snapshot = page.deps.office.current(page.session)
        for year in missing_years(snapshot.calendars.published, snapshot.day):
            flash(
                plain(
                    f"工作日历还没有 {year} 年的放假安排，跨入该年的时限都是暂定的。",
                    f"The working calendar lacks {year}: limits that reach into it are provisional.",
                ),
                "wait",
            )
    return redirect(first_page(page.caller))


def handled(deps: Deps, view: View, permission: str) -> View:
    """Wrap a view: CSRF, session, caller, permission, the view, and the one commit of a changing request."""

    def handle(**arguments: Any) -> Answer:
        check_csrf()
        with deps.sessions() as opened:
            try:
                caller, noted = caller_from_session(
                    opened,
                    deps,
                    session.get(SECRET_KEY, ""),
                    in_use=request.endpoint != POLLED,
                )
            except NotSignedIn:
                if request.method != "GET" or request.headers.get("HX-Request"):
                    raise
                return redirect(url_for("admin.sign_in", next=request.full_path.rstrip("?")))
            g.caller, g.language = caller, caller.language
            if caller.must_change_password and request.endpoint not in _MEANWHILE:
                return redirect(url_for(CHANGE_PASSWORD))
            require(caller, permission)
            try:
                answer = view(Page(deps, opened, caller), **arguments)
            except COUNTED:
                opened.commit()  # the refusal is an answer, its count stays
                raise
            # Some reads leave a line in the audit trail.
            if request.method == "POST" or noted or waiting(opened):
                opened.commit()
            return answer

    return handle


def local_path(target: str | None) -> str | None:
    """Return a path of this site to go back to, or None: nobody is sent elsewhere by a crafted link."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return None
    if any(character < " " or character == "\x7f" for character in target):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None


def json_answers() -> dict[str, Any]:
    """Return the `answers` object of a submitted form. Raises InvalidInput."""
    body = request.get_json(silent=True)
    return checked_answers(body.get("answers") if isinstance(body, dict) else None)


def form_answers() -> dict[str, Any] | None:
    """Return what a plain form carries as JSON in its field `answers`; None where it carries nothing. Raises InvalidInput."""
    text = request.form.get("answers")
    if not text:
        return None
    try:
        return checked_answers(orjson.loads(text))
    except orjson.JSONDecodeError:
        return checked_answers(None)


def checked_answers(answers: Any) -> dict[str, Any]:
    """Return the answers somebody sent, where they can be stored and are an object. Raises InvalidInput."""
    if isinstance(answers, dict) and not all(map(storable, _texts(answers))):
        raise InvalidInput("The submitted form was refused: it holds a character that cannot be stored.")
    if isinstance(answers, dict) and too_deep(answers):
        raise InvalidInput(
            f"The submitted form was refused: its answers are nested more than {DEEPEST} times.",
            message_zh="提交的内容嵌套过深。",
        )
    if not isinstance(answers, dict):
        raise InvalidInput(
            "The submitted form was refused: it is not a JSON object with an object 'answers'."
        )
    return answers


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str):
            yield one


def covers(stored: Any, given: Any) -> bool:
    """Tell whether everything `given` is in `stored`, which also has the fields left empty."""
    if isinstance(given, dict) and isinstance(stored, dict):
        return all(covers(stored.get(key), value) for key, value in given.items())
    return bool(stored == given or (stored is None and given in ("", [], False)))
