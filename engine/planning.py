"""What a deployment would store: its files, and which processes get a new version, bound to what."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.catalog import latest_resource
from engine.deployment import (
    IN_USE_FIRST,
    DeployedNeed,
    DeployedProcess,
    ProcessDefinition,
)
from engine.dialect import Compilation, SourceFile
from engine.dialect.binding import bound, nodes_of
from engine.dialect.listening import Moments
from engine.dialect.model import FORM_CHECK, MESSAGE_CHECK, MESSAGE_FORM, START_CHECK, Need, ProcessModel
from engine.ids import NewId
from engine.offers import Offers
from engine.standing import (
    bindings_before,
    callers_of,
    chosen_versions,
    newest_content,
    newest_definitions,
    startable_versions,
)


class Plan:
    """The versions a deployment makes. A process gets a new one only where something of it changed:

    what its files say, what its needs are bound to, or the version of a process it calls.
    """

    def __init__(
        self,
        session: Session,
        compiled: Compilation,
        files: Sequence[SourceFile],
        new_id: NewId,
        offers: Callable[[], Offers],
    ) -> None:
        self.session = session
        self.models = {model.key: model for model in compiled.models}
        self.resources = {file.name: resource_row(file, compiled, new_id) for file in files}
        self.form_files = compiled.form_files
        self.decision_files = compiled.decisions
        self.imports = compiled.imports
        self.newest = newest_definitions(session, list(self.models))
        self.chosen = chosen_versions(session, list(self.models))
        self.sources = {key: self._source_hash(model) for key, model in self.models.items()}
        self.before = bindings_before(session, self.models)
        self.bindings = {key: self._of_newest(key) for key in self.models}
        self.unchanged = self._unchanged()
        for key in self.models.keys() - self.unchanged:
            self.bindings[key] = self._still_right(key, offers)
        self.ids = {key: self.newest[key].id if key in self.unchanged else new_id() for key in self.models}

    # -- what is taken over ---------------------------------------------------------------------------------------

    def _of_newest(self, key: str) -> dict[str, Any]:
        newest = self.newest.get(key)
        rows = [row for row in self.before.get(key, ()) if newest and row.version == newest.version]
        return taken_over(self.models[key].needs, rows)

    def _still_right(self, key: str, offers: Callable[[], Offers]) -> dict[str, Any]:
        """Return the latest binding of each need, in whichever version, that could be chosen today."""
        model = self.models[key]
        rows = self.before.get(key, ())
        if not rows:
            return {}
        moments, known = Moments(model), self._with_ours(offers())
        needs = {need.key: need for need in model.needs}
        return taken_over(
            model.needs,
            [
                row
                for row in rows
                if row.need_key in needs and known.wrong(needs[row.need_key], row.target, moments) is None
            ],
        )

    def _with_ours(self, offers: Offers) -> Offers:
        return Offers(offers.operations, offers.processes, offers.decisions | self.decision_files.keys())

    # -- what changed ---------------------------------------------------------------------------------------------

    def _unchanged(self) -> set[str]:
        same = {
            key
            for key in self.models
            if key in self.newest
            and self.newest[key].content_hash == self._content_hash(key)
            # Whoever deploys while an older version is current means these files to become current: that is news.
            and self.chosen.get(key, self.newest[key].version) == self.newest[key].version
        }
        while changed := {key for key in same if not self._calls_the_same(key, same)}:
            same -= changed
        return same

    def _calls_the_same(self, key: str, same: set[str]) -> bool:
        calls, _, _ = references(bound(self.models[key], self._targets(key)))
        called = self.newest[key].bindings.get("processes", {})
        for callee in calls:
            if callee in self.models and callee not in same:
                return False
            now = self.newest[callee].id if callee in self.models else self._deployed(callee)
            if str(now or "") != called.get(callee, ""):
                return False
        return True

    def _targets(self, key: str) -> dict[str, str]:
        return {need: row.target for need, row in self.bindings[key].items()}

    def _source_hash(self, model: ProcessModel) -> str:
        _, decisions, forms = references(model)
        forms = {*forms, start_form(model)}
        parts = [
            f"{kind} {key} {(self._resource(kind, key) or ('', ''))[1]}"
            for kind, keys in (("dmn", decisions), ("form", forms))
            for key in keys
        ]
        return digest([digest(model.to_plain() | {"file": ""}), *sorted(parts)])

    def _content_hash(self, key: str) -> str:
        return content_hash(
            self.sources[key],
            self.bindings[key].values(),
            lambda decision: (self._resource("dmn", decision, imported=False) or ("", ""))[1],
        )

    def nothing_new(self) -> bool:
        """Tell whether every process, decision and form is what is deployed already, and every file byte for byte."""
        if self.unchanged != self.models.keys():
            return False
        for row in self.resources.values():
            for key in row["key"].split():
                found = latest_resource(self.session, row["kind"], key)
                if found is None or found[1] != row["sha256"]:
                    return False
            if not row["key"] and newest_content(self.session, row["kind"], row["name"]) != row["sha256"]:
                return False
        return True

    # -- what comes of it -----------------------------------------------------------------------------------------

    def current(self) -> tuple[DeployedProcess, ...]:
        """Return the version each process of the deployment has now."""
        in_use = startable_versions(self.session, list(self.models)) if self.newest else {}
        return tuple(self._deployed_process(key, model, in_use) for key, model in self.models.items())

    def _deployed_process(self, key: str, model: ProcessModel, in_use: Mapping[str, int]) -> DeployedProcess:
        mine, new = self.bindings[key], key not in self.unchanged
        newest = self.newest.get(key)
        before = [row for row in self.before.get(key, ()) if newest and row.version == newest.version]
        needs = {need.key for need in model.needs}
        startable = all(need in mine for need in needs)
        version = self._version(key)
        return DeployedProcess(
            key,
            version,
            self.ids[key],
            new,
            startable,
            tuple(
                DeployedNeed(need, mine[need.key].target, new) if need.key in mine else DeployedNeed(need)
                for need in model.needs
            ),
            {row.need_key: row.target for row in before if new and row.need_key not in needs},
            version if startable and (new or key not in self.chosen) else in_use.get(key),
            self.chosen.get(key) if new and startable and self.chosen.get(key) != version else None,
        )

    def _version(self, key: str) -> int:
        before = self.newest[key].version if key in self.newest else 0
        return int(before if key in self.unchanged else before + 1)

    def new_definitions(self) -> list[dict[str, Any]]:
        """Return the rows of the processes that get a new version."""
        return [self._definition(model) for key, model in self.models.items() if key not in self.unchanged]

    def _definition(self, model: ProcessModel) -> dict[str, Any]:
        key, as_bound = model.key, bound(model, self._targets(model.key))
        calls, decisions, forms = references(as_bound)
        found: dict[str, Iterable[tuple[str, Any]]] = {
            "processes": ((one, self._callee(one)) for one in calls),
            "decisions": ((one, (self._resource("dmn", one) or [None])[0]) for one in decisions),
            "forms": (
                (one, (self._resource("form", one) or [None])[0]) for one in {*forms, start_form(model)}
            ),
        }
        return {
            "id": self.ids[key],
            "resource_id": self.resources[model.file]["id"],
            "key": key,
            "version": self._version(key),
            "version_tag": model.version_tag,
            "name": model.name,
            "source_hash": self.sources[key],
            "content_hash": self._content_hash(key),
            "need_count": len(model.needs),
            "startable": not as_bound.needs,
            "model": model.to_plain(),
            "bindings": {kind: {one: str(id) for one, id in pairs if id} for kind, pairs in found.items()},
            "start_messages": started_by(model, "message"),
            "start_signals": started_by(model, "signal"),
            "properties": dict(model.properties),
        }

    def new_bindings(self) -> list[dict[str, Any]]:
        """Return the rows of the bindings that new versions take over, with who chose them when."""
        return [
            {
                "definition_id": self.ids[key],
                "need_key": row.need_key, "kind": row.kind, "asked": row.asked, "target": row.target,
                "bound_by": row.bound_by, "bound_by_name": row.bound_by_name, "bound_at": row.bound_at,
            }
            for key in self.models.keys() - self.unchanged
            for row in self.bindings[key].values()
        ]  # fmt: skip

    def _callee(self, key: str) -> UUID | None:
        return self.ids[key] if key in self.models else self._deployed(key)

    def _deployed(self, key: str) -> UUID | None:
        return self.session.scalar(
            sa.select(ProcessDefinition.id)
            .where(ProcessDefinition.key == key)
            .order_by(*IN_USE_FIRST)
            .limit(1)
        )

    def _resource(self, kind: str, key: str, *, imported: bool = True) -> tuple[UUID, str] | None:
        name = (self.form_files if kind == "form" else self.decision_files).get(key)
        if name is None:
            return latest_resource(self.session, kind, key)
        row = self.resources[name]
        return row["id"], self._meaning(name) if imported else row["sha256"]

    def _meaning(self, name: str) -> str:
        """The hash of a file, and of those it imports: a table means something else when they change."""
        own = self.resources[name]["sha256"]
        imported = sorted(self.resources[one]["sha256"] for one in self.imports.get(name, ()))
        return digest([own, *imported]) if imported else own

    def callers_left_behind(self) -> tuple[str, ...]:
        """Return the processes outside this deployment that go on calling an older version of one of its processes."""
        changed = self.models.keys() - self.unchanged
        return tuple(key for key in callers_of(self.session, changed) if key not in self.models)


def taken_over(needs: Iterable[Need], rows: Sequence[Any]) -> dict[str, Any]:
    """Return by need key the first of the bindings that was chosen for the same need: same key, kind and words."""
    found: dict[str, Any] = {}
    for need in needs:
        for row in rows:
            if (row.need_key, row.kind, row.asked) == (need.key, need.kind, need.asked):
                found[need.key] = row
                break
    return found


def content_hash(source_hash: str, bindings: Iterable[Any], meaning: Callable[[str], str]) -> str:
    """Hash what a version runs: what its files say, what its needs are bound to, and what a bound decision says.

    bindings: rows with need_key, kind and target; meaning: decision → the hash of its file.
    """
    parts = [
        f"{row.need_key} {row.kind} {row.target} {meaning(row.target) if row.kind == 'decision' else ''}"
        for row in bindings
    ]
    return digest([source_hash, *sorted(parts)]) if parts else source_hash


def resource_row(file: SourceFile, compiled: Compilation, new_id: NewId) -> dict[str, Any]:
    """Return the row of one file."""
    kind = compiled.kinds.get(file.name, "other")
    keys = {
        "form": [key for key, name in compiled.form_files.items() if name == file.name],
        "dmn": [key for key, name in compiled.decisions.items() if name == file.name],
    }.get(kind, [])
    return {
        "id": new_id(),
        "name": file.name,
        "kind": kind,
        "key": " ".join(keys),
        "sha256": hashlib.sha256(file.content).hexdigest(),
        "content": file.content,
    }


def references(model: ProcessModel) -> tuple[set[str], set[str], set[str]]:
    """Return the process keys, decisions and forms a process is bound to by deployment."""
    calls, decisions, forms = set[str](), set[str](), set[str]()
    if check := model.properties.get(START_CHECK):
        decisions.add(check)
    for node in nodes_of(model.body):
        decisions.update(
            node.properties[name] for name in (FORM_CHECK, MESSAGE_CHECK) if node.properties.get(name)
        )
        if form := node.properties.get(MESSAGE_FORM):
            forms.add(form)
        if node.call is not None and node.call.binding.kind == "deployment":
            calls.add(node.call.process)
        if node.decision is not None and node.decision.binding.kind == "deployment":
            decisions.add(node.decision.decision)
        if node.user is not None and node.user.form:
            forms.add(node.user.form)
    return calls, decisions, forms


def start_form(model: ProcessModel) -> str:
    """Return the key of the form that is filled in before the process starts, if there is one."""
    return model.properties.get("form.start", f"{model.key}_start")


def started_by(model: ProcessModel, kind: str) -> list[str]:
    """Return the messages or signals (kind) that start a process."""
    return [
        n.event.name
        for n in model.body.nodes
        if n.kind == "startEvent" and n.event is not None and n.event.kind == kind
    ]


def digest(value: Any) -> str:
    """Return the SHA-256 of plain data in canonical form."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
