"""The act of deploying: compile everything, store every byte, make a version only where something changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.catalog import latest_resource, version_of_resource
from engine.clock import Clock
from engine.deployment import DeployedProcess, Deployment, DeploymentReceipt, ProcessDefinition, Resource
from engine.dialect import Compilation, SourceFile, compile_files
from engine.dialect.model import Binding, Body, Node, ProcessModel
from engine.errors import DeploymentRefused, InvalidInput
from engine.ids import NewId
from engine.ports import Function, Operation

DEPLOYMENT_LOCK = 0x7265_6472_6573_73
"""Deployments are serialised by a transaction-level advisory lock, so that two never hand out the same version."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """What is already deployed, as the compiler wants to know it."""

    session: Session

    def has_process(self, key: str, binding: Binding) -> bool:
        """Tell whether a binding of a process key would resolve now."""
        query = sa.select(sa.literal(1)).where(ProcessDefinition.key == key)
        if binding.kind == "version":
            query = query.where(
                ProcessDefinition.version == number_of(binding) if number_of(binding) else sa.false()
            )
        if binding.kind == "versionTag":
            query = query.where(ProcessDefinition.version_tag == binding.value)
        return self.session.scalar(query.limit(1)) is not None

    def has_decision(self, key: str, binding: Binding) -> bool:
        """Tell whether a binding of a decision would resolve now; its versions are counted by changed content."""
        if binding.kind == "version":
            return version_of_resource(self.session, "dmn", key, number_of(binding)) is not None
        return binding.kind != "versionTag" and latest_resource(self.session, "dmn", key) is not None

    def has_form(self, key: str, binding: Binding) -> bool:
        """Tell whether a form is deployed."""
        return latest_resource(self.session, "form", key) is not None


def number_of(binding: Binding) -> int:
    """Return the version a binding names, or 0 where it is none that could ever be deployed."""
    return int(binding.value) if binding.value.isdecimal() and len(binding.value) < 10 else 0


class Deployer:
    """Compiles and stores deployments for one engine."""

    def __init__(
        self,
        *,
        clock: Clock,
        new_id: NewId,
        operations: Mapping[str, Operation],
        functions: Mapping[str, Function],
        facts: Collection[str],
    ) -> None:
        self.clock = clock
        self.new_id = new_id
        self.operations = operations
        self.functions = functions
        self.facts = facts

    def compile(self, session: Session, files: Sequence[SourceFile]) -> Compilation:
        """Compile the files against what is deployed; nothing is stored."""
        return compile_files(
            files,
            operations=self.operations.keys(),
            functions=self.functions.keys(),
            facts=self.facts,
            known=Deployed(session),
        )

    def deploy(
        self,
        session: Session,
        files: Sequence[SourceFile],
        *,
        actor: Actor,
        name: str,
        note: str,
        source: str,
        tag: str,
    ) -> DeploymentReceipt:
        """Deploy the files atomically. Raises InvalidInput for none, DeploymentRefused with every finding.

        Deploying files that are byte for byte what the newest versions were made of stores nothing.
        """
        if not files:
            raise InvalidInput("The deployment was refused: it has no files.")
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(DEPLOYMENT_LOCK)))
        compiled = self.compile(session, files)
        if compiled.errors:
            raise DeploymentRefused(list(compiled.findings))
        plan = Plan(session, compiled, compiled.files, self.new_id)
        if plan.nothing_new():
            return DeploymentReceipt(None, plan.current(), True, tuple(compiled.findings))
        now = self.clock.now()
        deployment_id = self.new_id()
        session.execute(
            sa.insert(Deployment),
            [
                {
                    "id": deployment_id,
                    "name": name,
                    "note": note,
                    "source": source,
                    "tag": tag,
                    "deployed_at": now,
                    "deployed_by": actor.id,
                    "deployed_by_name": actor.name,
                }
            ],
        )
        session.execute(
            sa.insert(Resource), [{**row, "deployment_id": deployment_id} for row in plan.resources.values()]
        )
        fresh = plan.new_definitions()
        if fresh:
            session.execute(
                sa.insert(ProcessDefinition),
                [{**row, "deployment_id": deployment_id, "deployed_at": now} for row in fresh],
            )
        return DeploymentReceipt(
            deployment_id, plan.current(), False, tuple(compiled.findings), plan.callers_left_behind(session)
        )


class Plan:
    """What a deployment would store: its resources, and which processes get a new version."""

    def __init__(
        self, session: Session, compiled: Compilation, files: Sequence[SourceFile], new_id: NewId
    ) -> None:
        self.session = session
        self.models = {model.key: model for model in compiled.models}
        self.resources = {file.name: resource_row(file, compiled, new_id) for file in files}
        self.form_files = compiled.form_files
        self.decision_files = compiled.decisions
        self.imports = compiled.imports
        self.hashes = {key: digest(model.to_plain() | {"file": ""}) for key, model in self.models.items()}
        self.newest = {row.key: row for row in newest_definitions(session, list(self.models))}
        self.content = {key: self._content_hash(key) for key in self.models}
        self.ids = {key: self.newest[key].id if self._unchanged(key) else new_id() for key in self.models}

    def _unchanged(self, key: str) -> bool:
        return key in self.newest and self.newest[key].content_hash == self.content[key]

    def nothing_new(self) -> bool:
        """Tell whether every process, decision and form is what is deployed already."""
        if not all(self._unchanged(key) for key in self.models):
            return False
        for row in self.resources.values():
            if row["kind"] == "dmn" and not row["key"]:
                if newest_content(self.session, row["name"]) != row["sha256"]:
                    return False
            elif row["kind"] in ("dmn", "form"):
                for key in row["key"].split():
                    found = latest_resource(self.session, row["kind"], key)
                    if found is None or found[1] != row["sha256"]:
                        return False
            elif row["kind"] == "other" or not self.models:
                return False
        return True

    def current(self) -> tuple[DeployedProcess, ...]:
        """Return the version each process of the deployment has now."""
        return tuple(
            DeployedProcess(key, self._version(key), self.ids[key], not self._unchanged(key))
            for key in self.models
        )

    def _version(self, key: str) -> int:
        before = self.newest[key].version if key in self.newest else 0
        return int(before if self._unchanged(key) else before + 1)

    def new_definitions(self) -> list[dict[str, Any]]:
        """Return the rows of the processes that get a new version."""
        return [
            {
                "id": self.ids[key],
                "resource_id": self.resources[model.file]["id"],
                "key": key,
                "version": self._version(key),
                "version_tag": model.version_tag,
                "name": model.name,
                "content_hash": self.content[key],
                "model": model.to_plain(),
                "bindings": self._bindings(model),
                "start_messages": start_messages(model),
                "properties": dict(model.properties),
            }
            for key, model in self.models.items()
            if not self._unchanged(key)
        ]

    def _bindings(self, model: ProcessModel) -> dict[str, dict[str, str]]:
        calls, decisions, forms = references(model)
        start_form = model.properties.get("form.start", f"{model.key}_start")
        return {
            "processes": {key: str(found[0]) for key in calls if (found := self._process(key))},
            "decisions": {key: str(found[0]) for key in decisions if (found := self._resource("dmn", key))},
            "forms": {
                key: str(found[0]) for key in {*forms, start_form} if (found := self._resource("form", key))
            },
        }

    def _process(self, key: str) -> tuple[UUID, str] | None:
        if key in self.models:
            return self.ids[key], self.hashes[key]
        found = next(iter(newest_definitions(self.session, [key])), None)
        return (found.id, found.content_hash) if found else None

    def _resource(self, kind: str, key: str) -> tuple[UUID, str] | None:
        name = (self.form_files if kind == "form" else self.decision_files).get(key)
        if name is not None:
            return self.resources[name]["id"], self._meaning(name)
        return latest_resource(self.session, kind, key)

    def _meaning(self, name: str) -> str:
        """The hash of a file, and of those it imports: a table means something else when they change."""
        own = self.resources[name]["sha256"]
        imported = sorted(self.resources[one]["sha256"] for one in self.imports.get(name, ()))
        return digest([own, *imported]) if imported else own

    def _content_hash(self, key: str) -> str:
        """Hash a process together with everything it is bound to, callees of callees included."""
        closure, waiting = set[str](), [key]
        parts: list[str] = []
        while waiting:
            name = waiting.pop()
            if name in closure:
                continue
            closure.add(name)
            if name not in self.models:
                found = next(iter(newest_definitions(self.session, [name])), None)
                parts.append(f"process {name} {found.content_hash if found else ''}")
                continue
            model = self.models[name]
            calls, decisions, forms = references(model)
            forms = {*forms, model.properties.get("form.start", f"{name}_start")}
            parts.append(f"process {name} {self.hashes[name]}")
            parts += [
                f"{kind} {item} {(self._resource(kind, item) or ('', ''))[1]}"
                for kind, keys in (("dmn", decisions), ("form", forms))
                for item in keys
            ]
            waiting += calls
        return digest(sorted(set(parts)))

    def callers_left_behind(self, session: Session) -> tuple[str, ...]:
        """Return the processes outside this deployment that go on calling an older version of one of its processes."""
        changed = {key for key in self.models if not self._unchanged(key)}
        if not changed:
            return ()
        rows = session.execute(
            sa.select(ProcessDefinition.key, ProcessDefinition.bindings)
            .ext(distinct_on(ProcessDefinition.key))
            .order_by(ProcessDefinition.key, ProcessDefinition.version.desc())
        )
        return tuple(
            row.key
            for row in rows
            if row.key not in self.models and changed & row.bindings.get("processes", {}).keys()
        )


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


def newest_content(session: Session, name: str) -> str | None:
    """Return the SHA-256 of the newest decision file of that name: one that others import may have no decision."""
    found: str | None = session.scalar(
        sa.select(Resource.sha256)
        .join(Deployment, Deployment.id == Resource.deployment_id)
        .where(Resource.kind == "dmn", Resource.name == name)
        .order_by(Deployment.deployed_at.desc(), Resource.id.desc())
        .limit(1)
    )
    return found


def newest_definitions(session: Session, keys: list[str]) -> list[Any]:
    """Return (key, id, version, content hash) of the newest version of each process."""
    return list(
        session.execute(
            sa.select(
                ProcessDefinition.key,
                ProcessDefinition.id,
                ProcessDefinition.version,
                ProcessDefinition.content_hash,
            )
            .ext(distinct_on(ProcessDefinition.key))
            .where(ProcessDefinition.key.in_(keys))
            .order_by(ProcessDefinition.key, ProcessDefinition.version.desc())
        )
    )


def nodes_of(body: Body) -> Iterator[Node]:
    """Yield every node of a body, those of its sub-processes included."""
    for node in body.nodes:
        yield node
        if node.body is not None:
            yield from nodes_of(node.body)


def references(model: ProcessModel) -> tuple[set[str], set[str], set[str]]:
    """Return the process keys, decisions and forms a process is bound to by deployment."""
    calls, decisions, forms = set[str](), set[str](), set[str]()
    for node in nodes_of(model.body):
        if node.call is not None and node.call.binding.kind == "deployment":
            calls.add(node.call.process)
        if node.decision is not None and node.decision.binding.kind == "deployment":
            decisions.add(node.decision.decision)
        if node.user is not None and node.user.form:
            forms.add(node.user.form)
    return calls, decisions, forms


def start_messages(model: ProcessModel) -> list[str]:
    """Return the messages that start a process."""
    return [
        n.event.name
        for n in model.body.nodes
        if n.kind == "startEvent" and n.event is not None and n.event.kind == "message"
    ]


def digest(value: Any) -> str:
    """Return the SHA-256 of plain data in canonical form."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()
