"""Which units somebody may maintain. Units they may not maintain do not exist for their edits."""

from __future__ import annotations

from datetime import date

from tasks.organisation.changing.changes import Change
from tasks.organisation.changing.chart import Chart, PersonData
from tasks.organisation.changing.checking import is_external
from tasks.people.caller import Caller
from tasks.permissions.visibility import reach


class Reach:
    """What a caller maintains: the units its seats maintain and everything below. Whoever maintains a whole tree of the
    company maintains the outside bodies too, which stand in nobody's tree, and the posts. No caller: the machine itself,
    which maintains everything.
    """

    def __init__(self, caller: Caller | None, chart: Chart, today: date) -> None:
        roots = [code for code, unit in chart.units.items() if unit.parent is None]
        held = tuple(reach(caller, "organisation.manage")) if caller else ()
        self.machine, self._today = caller is None, today
        self.whole = self.machine or any(
            chart.path(code) in held for code in roots if not is_external(chart, code)
        )
        outside = (chart.path(code) for code in roots if is_external(chart, code)) if self.whole else ()
        self._paths = (*held, *outside)

    def unit(self, chart: Chart, code: str) -> bool:
        """Whether the unit of this code is maintained; one the chart does not have is not."""
        if code not in chart.units:
            return False
        path = chart.path(code)
        return self.machine or any(path.startswith(held) for held in self._paths)

    def person(self, chart: Chart, person: PersonData) -> bool:
        """Whether the person sits in a unit that is maintained."""
        return self.machine or any(self.unit(chart, code) for code in person.places(self._today))

    def change(self, before: Chart, after: Chart, change: Change) -> bool:
        """Whether every unit the change concerns is maintained, as it was and as it becomes."""
        if change.subject == "post":
            return self.whole
        if change.subject == "unit" and change.before is None and after.units[change.key].parent is None:
            # A new root: a tree of the company is planted on the machine itself, an outside body by whoever has a whole one.
            return self.machine or (self.whole and is_external(after, change.key))
        return all(
            self.unit(chart, code)
            for chart in (before, after)
            for code in change.units
            if code in chart.units
        )
