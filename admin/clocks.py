"""The panel of clocks on the pages of a case and a task."""

from __future__ import annotations

from typing import Any

from admin.page import Page
from admin.show.clocks import told_words
from tasks.deadlines.faces.reading import told_of_case, told_of_task


def case_panel(page: Page, case: Any) -> dict[str, Any]:
    """The clocks of a case (a row of `read_case`) that is seen from within."""
    return _panel(page, told_of_case(page.session, page.deps, case.id))


def task_panel(page: Page, task: Any, *, whole_case: bool) -> dict[str, Any]:
    """The clocks of a task (a row of `read_task`), with those of its case where that may be read."""
    if whole_case and task.case_id is not None:
        told = told_of_case(page.session, page.deps, task.case_id, task_id=task.id)
    else:
        told = told_of_task(page.session, page.deps, task.id)
    return {**_panel(page, told), "no_clock": task.properties.get("sla.problem", "")}


def _panel(page: Page, told: list[Any]) -> dict[str, Any]:
    return {"clocks": [told_words(one) for one in told], "as_of": page.deps.clock.now()}
