"""Process drafts for the tests of their editors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Page

from engine.dialect import SourceFile
from tasks.people.identity import caller_by_login
from tasks.processes.drafts import making, reading
from tests.admin.conftest import Website

CONTENT = Path(__file__).parents[2] / "bpmn"
OWNER = "lu_jian"
"""A process owner of the demo organisation."""


def drafted(website: Website, files: Mapping[str, str]) -> UUID:
    """A draft of OWNER with these files."""
    sources = [SourceFile(name, text.encode()) for name, text in files.items()]
    with website.deps.sessions.begin() as session:
        caller = caller_by_login(session, website.deps, OWNER)
        return making.from_files(session, website.deps, caller, sources, name="改版")


def saved(website: Website, draft: UUID, name: str) -> str:
    """What the server has of a file now."""
    with website.deps.sessions() as session:
        caller = caller_by_login(session, website.deps, OWNER)
        return reading.text(session, caller, draft, name).text


def shipped(folder: str) -> dict[str, str]:
    """The decisions or forms that come with the product, by file name."""
    found = sorted((CONTENT / folder).iterdir())
    return {one.name: one.read_text(encoding="utf-8") for one in found}


_SAID = """() => {
  const found = [];
  for (const one of document.querySelectorAll('.editor-work *')) {
    if (one.closest('[hidden], #try-result, pre, code, .cm-editor, textarea') || !one.getClientRects().length) continue;
    for (const name of ['title', 'placeholder', 'aria-label', 'alt']) found.push(one.getAttribute(name) ?? '');
    for (const node of one.childNodes) if (node.nodeType === 3) found.push(node.data.trim());
  }
  return found;
}"""
_NAMES = re.compile(
    r"bpmn\.io|\bFEEL\b|\bkey\b|\bpath\b|\bMarkdown\b|\bHTML\b|valuesKey|yyyy/mm/dd|\btrue\b|\w+_\w+",
    re.IGNORECASE,
)


def said_in_english(page: Page, content: str) -> list[str]:
    """What of an editor stands there in Latin letters, seen or read out, and neither comes from the file nor is a name."""
    words = [said for said in page.evaluate(_SAID) if said and said not in content]
    return [said for said in words if re.search("[A-Za-z]{2,}", _NAMES.sub("", said))]
