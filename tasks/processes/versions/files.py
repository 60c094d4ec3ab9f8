"""Which files a version of a process consists of: its diagram, and the forms and decisions it is bound to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.deployment import ProcessDefinition, Resource
from engine.dialect import SourceFile, safe_xml
from engine.dialect.comparing import Part, part_of
from engine.dialect.refusal import Refused
from engine.dialect.safe_xml import local_name, namespace
from engine.dialect.tables.elements import BPMN
from engine.expressions.dmn import header_of


def parts_of_version(
    session: Session, key: str, resource_id: UUID, bindings: Mapping[str, Any]
) -> list[Part]:
    """The files of a version: the diagram under the process's key, each form under its own, each table, and what tables
    import, under its first.
    """
    wanted: dict[UUID, tuple[str, str]] = {resource_id: ("bpmn", key)}
    for form, found in bindings.get("forms", {}).items():
        wanted[UUID(found)] = ("form", form)
    for found in bindings.get("decisions", {}).values():
        wanted.setdefault(UUID(found), ("dmn", ""))
    rows = session.execute(
        sa.select(
            Resource.id, Resource.name, Resource.key, Resource.kind, Resource.content, Resource.deployment_id
        ).where(Resource.id.in_(wanted))
    ).all()
    parts = []
    for row in (*rows, *imported_beside(session, rows)):
        kind, known = wanted.get(row.id, ("dmn", ""))
        parts.append(Part(known or (row.key.split() or [row.name])[0], kind, row.name, row.content))
    return parts


def imported_beside(session: Session, rows: Sequence[Any]) -> list[Any]:
    """The decision files that tables import, and those import, from the deployment of each; not these rows themselves.

    rows: of resources, with id, kind, content and deployment_id.
    """
    spaces = {row.id: header_of(row.content) for row in rows if row.kind == "dmn"}
    importing = {row.deployment_id for row in rows if row.id in spaces and spaces[row.id][1]}
    if not importing:
        return []
    beside = session.execute(
        sa.select(Resource.__table__).where(Resource.deployment_id.in_(importing), Resource.kind == "dmn")
    ).all()
    there: dict[tuple[UUID, str], list[Any]] = {}
    for row in beside:
        spaces[row.id] = header_of(row.content)
        there.setdefault((row.deployment_id, spaces[row.id][0]), []).append(row)
    known, found = {row.id for row in rows}, list[Any]()
    waiting = [row for row in rows if row.id in spaces]
    while waiting:
        importer = waiting.pop()
        for space in sorted(spaces[importer.id][1]):
            for row in there.get((importer.deployment_id, space), ()):
                if row.id not in known:
                    known.add(row.id)
                    found.append(row)
                    waiting.append(row)
    return found


def called_by_version(session: Session, bindings: Mapping[str, Any]) -> dict[str, int]:
    """The version of each process that a version calls as it was deployed with it, by key."""
    ids = {UUID(found) for found in bindings.get("processes", {}).values()}
    if not ids:
        return {}
    rows = session.execute(
        sa.select(ProcessDefinition.key, ProcessDefinition.version).where(ProcessDefinition.id.in_(ids))
    )
    return {row.key: row.version for row in rows}


def parts_of_files(files: Iterable[SourceFile]) -> list[Part]:
    """Files that are not deployed, each known by what a deployment would know it by."""
    parts = []
    for file in files:
        part = part_of(file.name, file.content)
        parts.append(Part(_key(part), part.kind, part.name, part.content))
    return parts


def _key(part: Part) -> str:
    if part.kind == "form":
        try:
            found = json.loads(part.content)
        except (ValueError, RecursionError):
            return part.name
        return str(found.get("id") or part.name) if isinstance(found, dict) else part.name
    if part.kind not in ("bpmn", "dmn"):
        return part.name
    try:
        root = safe_xml.parse(part.content)
    except Refused:
        return part.name.rpartition("/")[2].partition(".")[0]
    tag = "process" if part.kind == "bpmn" else "decision"
    space = BPMN if part.kind == "bpmn" else namespace(root)
    found = [one for one in root if local_name(one) == tag and namespace(one) == space and one.get("id")]
    runs = [one for one in found if one.get("isExecutable", "").strip() == "true"] or found
    return str(runs[0].get("id")).strip() if runs else part.name
