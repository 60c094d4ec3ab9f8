"""The page 分类表: what complaints are sorted by, list by list, and replacing a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Response, flash, redirect, request, url_for

from admin.page import Answer, Page
from admin.show.language import plain
from tasks.classification import verbs
from tasks.classification.lists import Entry
from tasks.classification.loading import as_csv
from tasks.organisation.exchange.reading import MOST_BYTES

SECTION = "admin.classification"


def classification(page: Page) -> Answer:
    """Every list with its values; those that have ended only where asked for."""
    found = verbs.lists(page.session, page.deps, page.caller).lists
    ended = request.args.get("ended") == "yes"
    shown = {name: [one for one in entries if ended or not one.ended] for name, entries in found.items()}
    return page.render(
        "classification.html",
        section=SECTION,
        lists=shown,
        within={name: _parents(name, found) for name in shown},
        ended=ended,
    )


def _parents(name: str, lists: Mapping[str, Sequence[Entry]]) -> dict[str, str]:
    """What the codes that a list's values lie within are called: by the list that has them all."""
    wanted = {code for entry in lists[name] for code in entry.within}
    for other, entries in lists.items():
        names = {entry.code: entry.name_zh for entry in entries}
        if wanted and other != name and wanted <= names.keys():
            return names
    return {}


def export(page: Page, name: str) -> Answer:
    """One list as the file that would replace it."""
    entries = verbs.one_list(page.session, page.deps, page.caller, name)
    text = as_csv(tuple(entry for entry in entries if not entry.ended))
    response = Response("\ufeff" + text, content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    return response


def replace(page: Page) -> Answer:
    """Replace a list by a file."""
    name = request.form.get("name", "").strip()
    file = request.files.get("file")
    content = file.read(MOST_BYTES + 1) if file else b""
    done = verbs.replace(page.session, page.deps, page.caller, name, verbs.text_of(name, content))
    flash(
        plain(
            f"分类表 {name}：新增 {len(done.added)}，变更 {len(done.changed)}，停用 {len(done.ended)}。",
            f"Added {len(done.added)}, changed {len(done.changed)}, ended {len(done.ended)}.",
        ),
        "done",
    )
    return redirect(url_for(SECTION, _anchor=name), 303)
