"""Deploying: all or nothing, every finding, a new version only where something changed, bound to what came along."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from engine.clock import FrozenClock
from engine.deployment import Deployment, ProcessDefinition, Resource
from engine.dialect import SourceFile
from engine.errors import DeploymentRefused, InvalidInput
from engine.testing import Harness
from tests.engine.diagrams import process


@pytest.fixture
def run(sessions: sessionmaker[Session], clock: FrozenClock) -> Harness:
    return Harness(sessions, clock)


CALLER = process("caller", "start s", "call c calledElement=callee", "end e", "s -> c -> e")


def callee(task: str) -> SourceFile:
    return process("callee", "start s", f"user {task}", "end e", f"s -> {task} -> e")


def versions(run: Harness) -> dict[str, int]:
    return {
        r.key: r.n
        for r in run.rows(
            sa.select(ProcessDefinition.key, sa.func.max(ProcessDefinition.version).label("n")).group_by(
                ProcessDefinition.key
            )
        )
    }


def test_the_same_files_again_store_nothing(run: Harness) -> None:
    assert not run.deploy(CALLER, callee("a")).unchanged
    receipt = run.deploy(CALLER, callee("a"))
    assert receipt.unchanged and receipt.deployment_id is None
    assert run.scalar(sa.select(sa.func.count()).select_from(Deployment)) == 1


def test_a_changed_callee_in_the_same_deployment_makes_a_new_version_of_its_caller(run: Harness) -> None:
    run.deploy(CALLER, callee("a"))
    run.deploy(CALLER, callee("b"))
    assert versions(run) == {"caller": 2, "callee": 2}
    run.start("caller")
    assert run.waiting() == ["b"]


def test_a_changed_callee_alone_leaves_its_callers_and_says_which(run: Harness) -> None:
    run.deploy(CALLER, callee("a"))
    receipt = run.deploy(callee("b"))
    assert receipt.callers_unchanged == ("caller",)
    assert versions(run) == {"caller": 1, "callee": 2}
    run.start("caller")
    assert run.waiting() == ["a"]


def test_latest_binding_is_resolved_when_the_activity_is_entered(run: Harness) -> None:
    caller = process(
        "caller",
        "start s",
        "user first",
        "call c calledElement=callee camunda:calledElementBinding=latest",
        "end e",
        "s -> first -> c -> e",
    )
    run.deploy(caller, callee("a"))
    run.start("caller")
    run.deploy(callee("b"))
    run.complete("first")
    assert run.waiting() == ["b"]


def test_running_instances_keep_their_version(run: Harness) -> None:
    run.deploy(process("p", "start s", "user a", "user b", "end e", "s -> a -> b -> e"))
    run.start("p")
    run.deploy(process("p", "start s", "user a", "user c", "end e", "s -> a -> c -> e"))
    run.complete("a")
    assert run.waiting() == ["b"]


def test_five_mistakes_are_five_findings_and_nothing_is_stored(run: Harness) -> None:
    bad = process(
        "bad",
        "start s",
        "user a",
        "script t scriptFormat=python | import os",
        "xor g",
        "user b",
        "service w camunda:class=com.acme.Send",
        "call c calledElement=nowhere",
        "catch wait timeDuration=soon",
        "end e",
        "s -> a -> t -> g",
        "g -> b : form.a.x == 1",
        "default g -> w",
        "b -> c -> wait -> e",
        "w -> e",
    )
    with pytest.raises(DeploymentRefused) as refused:
        run.deploy(CALLER, callee("a"), bad)
    mistakes = [f for f in refused.value.findings if f.severity in ("error", "binding")]
    assert {"t", "w", "c", "wait"} <= {f.element_id for f in mistakes}
    assert len(mistakes) >= 5
    for table in (Deployment, Resource, ProcessDefinition):
        assert run.scalar(sa.select(sa.func.count()).select_from(table)) == 0


def test_the_uploaded_bytes_are_kept_as_they_came(run: Harness) -> None:
    file = SourceFile(CALLER.name, CALLER.content.replace(b"?>", b"?>\r\n\t"))
    run.deploy(file, callee("a"))
    assert run.scalar(sa.select(Resource.content).where(Resource.name == file.name)) == file.content


def test_no_files_are_no_deployment(run: Harness) -> None:
    with pytest.raises(InvalidInput, match="has no files"):
        run.deploy()
