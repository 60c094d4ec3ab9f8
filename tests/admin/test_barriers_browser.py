"""Nobody is kept from working: the pages as axe sees them, WCAG 2.1 levels A and AA."""

from __future__ import annotations

import pytest

from tests.admin.conftest import Desk, Website

pytestmark = pytest.mark.browser

CLERK = ("/inbox", "/queue", "/cases", "/notices", "/account", "/file/suggestion")
OWNER = (
    "/processes",
    "/processes/suggestion",
    "/deploy",
    "/modeling",
    "/clock-policies",
    "/classification",
    "/clauses",
)


def test_no_page_of_clerks_and_process_owners_keeps_anybody_out(website: Website, desk: Desk) -> None:
    website.file_suggestion()
    task = str(website.visitor("wang_lei").post("/queue/next").location)
    found: dict[str, list[str]] = {}
    begun = website.visitor("lu_jian").post("/modeling", {"key": "revisit", "name": "回访"})
    for login, pages in (("wang_lei", (*CLERK, task)), ("lu_jian", (*OWNER, str(begun.location)))):
        desk.sign_in(login)
        for address in pages:
            desk.open(address)
            found[address] = desk.barriers()
    assert {address: barriers for address, barriers in found.items() if barriers} == {}
