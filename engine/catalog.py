"""What is deployed, read once and kept: specs, decisions and forms by id. All of it is immutable, so nothing expires."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from threading import Lock
from typing import Any, TypeVar, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.deployment import (
    DefinitionBinding,
    Deployment,
    ProcessDefinition,
    Resource,
    latest_definition,
)
from engine.dialect import encodings
from engine.dialect.binding import bound
from engine.dialect.model import Binding, Call, DecisionCall, ProcessModel
from engine.dialect.read.data.forms import form_data
from engine.errors import NeedsBinding, NotFound
from engine.expressions.dmn import DecisionModel, read_decisions, read_together
from engine.spiff.build import build
from engine.spiff.run import ActivityFailed
from engine.spiff.specs.base import ProcessSpec

T = TypeVar("T")

BY_DEPLOYMENT = Binding()
NAMED = 10
"""How many needs a refusal names."""
NEEDS_ZH = {"operation": "操作", "listener": "监听器", "process": "流程", "decision": "决策"}


class Catalog:
    """A bounded, thread-safe memory of deployed things. functions: the names decisions may call besides FEEL's own."""

    def __init__(self, functions: Collection[str] = (), size: int = 2_000) -> None:
        self._functions = functions
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._size = size
        self._lock = Lock()

    def _keep(self, key: Hashable, make: Callable[[], T], lasting: Callable[[T], bool] = lambda _: True) -> T:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return cast(T, self._kept[key])
        made = make()
        if not lasting(made):
            return made
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return made

    # -- processes ------------------------------------------------------------------------------------------------

    def model(self, session: Session, definition_id: UUID) -> ProcessModel:
        """Return the model of a definition as it runs, with what its needs are bound to.

        Raises NotFound, and NeedsBinding where not all are: whoever starts or calls a process comes through here.
        """

        def read() -> ProcessModel:
            model = drawn(session, definition_id)
            running = bound(model, targets_of(session, definition_id) if model.needs else {})
            if running.needs:
                raise not_bound(session, definition_id, running)
            return running

        return self._keep(("model", definition_id), read)

    def spec(self, session: Session, definition_id: UUID) -> ProcessSpec:
        """Return the runnable spec of a definition. Raises NotFound, NeedsBinding."""
        return self._keep(("spec", definition_id), lambda: build(self.model(session, definition_id)))

    def require_startable(self, session: Session, definition_id: UUID) -> None:
        """Raise NeedsBinding where something a definition asks for is not bound yet, NotFound where there is none."""
        self.spec(session, definition_id)

    def bindings(self, session: Session, definition_id: UUID) -> dict[str, dict[str, str]]:
        """Return what a definition's deployment bindings resolved to. They can change until it is startable."""

        def read() -> Any:
            return session.execute(
                sa.select(ProcessDefinition.bindings, ProcessDefinition.startable).where(
                    ProcessDefinition.id == definition_id
                )
            ).one_or_none()

        row = self._keep(("bindings", definition_id), read, lambda row: row is not None and row.startable)
        return row.bindings if row is not None else {}

    def callee(self, session: Session, caller_id: UUID, call: Call) -> UUID:
        """Return the definition a call activity enters. Latest, version and tag are resolved now. Raises ActivityFailed."""
        binding = call.binding
        if binding.kind == "deployment":
            found = self.bindings(session, caller_id).get("processes", {}).get(call.process)
            if found is not None:
                return UUID(found)
        try:
            return latest_definition(session, call.process, **chosen(binding)).id
        except NotFound as error:
            raise ActivityFailed("call", str(error), f"被调用的流程“{call.process}”没有部署。") from error

    # -- decisions and forms --------------------------------------------------------------------------------------

    def decisions(
        self, session: Session, definition_id: UUID, call: DecisionCall
    ) -> tuple[DecisionModel, UUID]:
        """Return the decision file a business rule task asks, and its resource id. Raises ActivityFailed."""
        resource_id: UUID | None = None
        if call.binding.kind == "deployment":
            found = self.bindings(session, definition_id).get("decisions", {}).get(call.decision)
            resource_id = UUID(found) if found else None
        if call.binding.kind == "version":
            resource_id = version_of_resource(session, "dmn", call.decision, int(call.binding.value))
        elif resource_id is None:
            resource_id = session.scalar(
                sa.select(Resource.id)
                .where(
                    Resource.kind == "dmn",
                    sa.literal(call.decision) == sa.any_(sa.func.string_to_array(Resource.key, " ")),
                )
                .order_by(Resource.id.desc())
                .limit(1)
            )
        if resource_id is None:
            raise ActivityFailed(
                "decision",
                f"Decision '{call.decision}' was asked for, but it is not deployed.",
                f"需要决策“{call.decision}”，但它没有部署。",
            )
        wanted = resource_id
        return self._keep(
            ("decisions", wanted), lambda: decision_file(session, wanted, self._functions)
        ), wanted

    def form(self, session: Session, resource_id: UUID) -> dict[str, Any]:
        """Return a deployed form-js form. Raises NotFound."""
        return self._keep(("form", resource_id), lambda: form_data(self._content(session, resource_id)[0]))

    def form_id(
        self, session: Session, definition_id: UUID, key: str, binding: Binding = BY_DEPLOYMENT
    ) -> UUID | None:
        """Return the form resource a user task means by a key and its binding, or None."""
        if binding.kind == "version":
            return version_of_resource(session, "form", key, int(binding.value))
        if binding.kind == "latest":
            found = latest_resource(session, "form", key)
            return found[0] if found else None
        bound = self.bindings(session, definition_id).get("forms", {}).get(key)
        return UUID(bound) if bound else None

    def _content(self, session: Session, resource_id: UUID) -> tuple[bytes, str]:
        row = session.execute(
            sa.select(Resource.content, Resource.name).where(Resource.id == resource_id)
        ).one_or_none()
        if row is None:
            raise NotFound(f"Resource {resource_id} was asked for, but there is none with this id.")
        return row.content, row.name


def drawn(session: Session, definition_id: UUID) -> ProcessModel:
    """Return the model of a definition as its author drew it, with its needs. Raises NotFound."""
    plain = session.scalar(sa.select(ProcessDefinition.model).where(ProcessDefinition.id == definition_id))
    if plain is None:
        raise NotFound(f"Process definition {definition_id} was asked for, but there is none with this id.")
    return ProcessModel.from_plain(plain)


def targets_of(session: Session, definition_id: UUID) -> dict[str, str]:
    """Return what the needs of a definition are bound to so far, by need key."""
    rows = session.execute(
        sa.select(DefinitionBinding.need_key, DefinitionBinding.target).where(
            DefinitionBinding.definition_id == definition_id
        )
    )
    return {row.need_key: row.target for row in rows}


def decision_file(session: Session, resource_id: UUID, functions: Collection[str]) -> DecisionModel:
    """Return a deployed decision file, read with those of its deployment that it imports. Raises NotFound."""
    found = session.execute(
        sa.select(Resource.name, Resource.content, Resource.deployment_id).where(Resource.id == resource_id)
    ).one_or_none()
    if found is None:
        raise NotFound(f"Resource {resource_id} was asked for, but there is none with this id.")
    model = read_decisions(encodings.read(found.content).utf8, found.name, functions=functions)
    if all(one.code != "missing-import" for one in model.findings):
        return model
    together = session.execute(
        sa.select(Resource.name, Resource.content).where(
            Resource.deployment_id == found.deployment_id, Resource.kind == "dmn"
        )
    )
    files = {row.name: encodings.read(row.content).utf8 for row in together}
    return read_together(files, functions=functions)[found.name]


def version_of_resource(session: Session, kind: str, key: str, version: int) -> UUID | None:
    """Return the decision file or form that was the n-th content deployed under a key, or None."""
    rows = session.execute(
        sa.select(Resource.id, Resource.sha256)
        .where(Resource.kind == kind, sa.literal(key) == sa.any_(sa.func.string_to_array(Resource.key, " ")))
        .order_by(Resource.id)
    )
    last, count = "", 0
    for row in rows:
        count += row.sha256 != last
        last = row.sha256
        if count == version:
            return UUID(str(row.id))
    return None


def not_bound(session: Session, definition_id: UUID, model: ProcessModel) -> NeedsBinding:
    """Return the refusal of a version whose `needs` are still to be bound."""
    version = session.scalar(
        sa.select(ProcessDefinition.version).where(ProcessDefinition.id == definition_id)
    )
    needs = [
        f"{need.key} ({need.kind}{': ' + need.asked[:80] if need.asked else ''})" for need in model.needs
    ]
    there_en = ", ".join(needs[:NAMED]) + (f" and {len(needs) - NAMED} more" if len(needs) > NAMED else "")
    needs_zh = [
        f"{need.key}（{NEEDS_ZH[need.kind]}{'：' + need.asked[:80] if need.asked else ''}）"
        for need in model.needs[:NAMED]
    ]
    there_zh = "、".join(needs_zh) + (f"等 {len(needs)} 项" if len(needs) > NAMED else "")
    return NeedsBinding(
        f"Version {version} of process '{model.key}' cannot start: it needs {there_en}, not bound here yet. Bind what is "
        f"missing on the page of the process, over the API, or with `redress bind {model.key}`.",
        process=model.key,
        version=version,
        definition_id=str(definition_id),
        missing=[need.key for need in model.needs[:100]],
        message_zh=f"流程“{model.key}”第 {version} 版不能启动：还需要绑定 {there_zh}。请在流程页面、通过 API "
        f"或用 `redress bind {model.key}` 绑定。",
    )


def chosen(binding: Binding) -> dict[str, Any]:
    """Return the arguments of `latest_definition` for a binding."""
    if binding.kind == "version":
        return {"version": int(binding.value)}
    if binding.kind == "versionTag":
        return {"tag": binding.value}
    return {}


def latest_resource(session: Session, kind: str, key: str) -> tuple[UUID, str] | None:
    """Return the id and SHA-256 of the newest decision file or form with this key, or None."""
    keys = sa.func.string_to_array(Resource.key, " ")
    row = session.execute(
        sa.select(Resource.id, Resource.sha256)
        .join(Deployment, Deployment.id == Resource.deployment_id)
        .where(Resource.kind == kind, sa.literal(key) == sa.any_(keys))
        .order_by(Deployment.deployed_at.desc(), Resource.id.desc())
        .limit(1)
    ).first()
    return (row.id, row.sha256) if row else None
