"""The matrix for people: as text, Markdown, CSV or JSON, always from the one table in `matrix`."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import orjson

from tasks.permissions.matrix import BLIND, CASELESS, ROLES, VERBS, Scope
from tasks.user_task import STATES as TASK_STATES
from tasks.user_task import TAKERS, TRANSITIONS, transitions_text

SCOPES: dict[Scope, tuple[str, str]] = {
    "self": ("本人的", "the caller's own"),
    "case": (
        "本单位及下级经手的案件",
        "cases touched by the units of the caller's seats, or by units below them",
    ),
    "task": (
        "派给本人候选组、本人持有或办过的待办，及可见案件的待办",
        "tasks offered to the caller's groups, held or completed by them, and those of cases they see",
    ),
    "instance": (
        "可见案件的流程；系统运维可达任何流程，但看不到案件内容；不属于案件的流程由系统运维、流程负责人和启动者掌握",
        "instances of cases the caller sees; operators reach any, without the case's contents; an instance without a case "
        "is for operators, process owners and whoever started it",
    ),
    "organisation": ("组织", "the organisation"),
    "installation": ("整个系统", "the whole installation"),
}
"""scope → (Chinese, what it reaches)."""

STATES = {
    "created": "未认领",
    "assigned": "办理中",
    "delegated": "委托办理",
    "active": "运行中",
    "suspended": "已挂起",
    "open": "未解决",
    "failed": "已放弃",
    "planned": "未开始",
    "running": "进行中",
}

_YES, _NO = "✓", "–"


def rows() -> list[dict[str, Any]]:
    """One mapping per verb: verb, zh, roles (those that may), states (empty: any), scope."""
    return [
        {
            "verb": name,
            "zh": verb.zh,
            "roles": [role for role in ROLES if role in verb.roles],
            "states": list(verb.states),
            "scope": verb.scope,
        }
        for name, verb in VERBS.items()
    ]


def as_text() -> str:
    """Columns for a terminal: one line per verb, with roles, states and reach."""
    wide = max(map(len, VERBS)) + 2
    head = f"{'verb':{wide}}" + "".join(f"{role:15}" for role in ROLES) + f"{'state':20}{'reach':14}动作"
    lines = [
        f"{row['verb']:{wide}}"
        + "".join(f"{_YES if role in row['roles'] else _NO:15}" for role in ROLES)
        + f"{', '.join(row['states']) or 'any':20}{row['scope']:14}{row['zh']}"
        for row in rows()
    ]
    life = ["", "user task 待办任务", transitions_text()]
    return "\n".join([head, *lines, *life]) + "\n"


def as_csv() -> str:
    """A header and one line per verb; a role's cell is yes or empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["verb", "zh", *ROLES, "states", "scope"])
    for row in rows():
        cells = ["yes" if role in row["roles"] else "" for role in ROLES]
        writer.writerow([row["verb"], row["zh"], *cells, " ".join(row["states"]), row["scope"]])
    return out.getvalue()


def as_json() -> str:
    """An object with roles, scopes and verbs."""
    told = {
        "roles": {role: {"zh": zh, "who": who} for role, (zh, who) in ROLES.items()},
        "scopes": {scope: {"zh": zh, "reach": reach} for scope, (zh, reach) in SCOPES.items()},
        "blind": sorted(BLIND),
        "caseless": sorted(CASELESS),
        "verbs": rows(),
        "task_life": [asdict(edge) for edge in TRANSITIONS],
    }
    return orjson.dumps(told, option=orjson.OPT_INDENT_2).decode() + "\n"


def as_markdown() -> str:
    """The page docs/permissions.md."""
    heads = " | ".join(f"{zh} {role}" for role, (zh, _) in ROLES.items())
    lines = [
        "# Who may do what 权限表",
        "",
        "Written by `redress permissions --format markdown --write docs/permissions.md`; do not edit it by hand. The table",
        "itself is `tasks/permissions/matrix.py`; a test walks every operation and page of it over HTTP.",
        "",
        "What a caller does not see does not exist for them: the answer is the one for a made-up id, whatever its state.",
        "A role the verb does not name is refused without looking at the thing.",
        "",
        "## Roles 角色",
        "",
        *(f"- **{zh} `{role}`**: {who}." for role, (zh, who) in ROLES.items()),
        "",
        "Roles come with seats, and each reaches as far as the seat that gives it. A seat that only grants "
        "`process_owner`, `operator` or `auditor` does no case work. A seat in a body outside gives `external` and nothing "
        "else.",
        "",
        "## Reach 范围",
        "",
        *(f"- **{scope}** {zh}: {reach}." for scope, (zh, reach) in SCOPES.items()),
        "",
        "A case is seen along the units that touched it and their superiors, by nobody else. A **confidential** case 保密案件",
        "is seen by fewer: whoever filed it, those to whom one of its tasks is offered, who hold one or have completed one,",
        "and of the same reach those who have `case.read_confidential`. Each read of it is recorded, and no list shows its",
        "contents. An operator who does not see a case sees where its instance is, its tasks' names and states, timers,",
        "messages waited for, and which activity failed with which kind of error: no facts, answers, values of variables,",
        "decisions, payloads, reasons or sentences of errors. A body outside sees of its own cases the number, process,",
        "status and times, what it sent itself, and which messages it may send.",
        "",
        "## Verbs 动作",
        "",
        f"| verb | 动作 | {heads} | states 状态 | reach |",
        f"|---|---|{'---|' * len(ROLES)}---|---|",
    ]
    for row in rows():
        cells = " | ".join(_YES if role in row["roles"] else "" for role in ROLES)
        states = ", ".join(f"{STATES[state]} {state}" for state in row["states"]) or "any 任何"
        lines.append(f"| `{row['verb']}` | {row['zh']} | {cells} | {states} | {row['scope']} |")
    lines += [
        "",
        "## Life of a user task 待办任务的状态",
        "",
        "A verb that has no line here for the state a task is in is refused. A role alone is not enough for an edge:",
        "",
        *(f"- **{zh} `{key}`**: {who}." for key, (zh, who) in TAKERS.items()),
        "",
        "| state 状态 | verb | becomes 之后 | by 由谁 |",
        "|---|---|---|---|",
    ]
    for edge in TRANSITIONS:
        before, after = (f"{TASK_STATES[state]} {state}" for state in (edge.before, edge.after))
        lines.append(f"| {before} | `{edge.verb}` | {after} | {TAKERS[edge.by][0]} {edge.by} |")
    return "\n".join(lines) + "\n"


FORMATS: dict[str, Callable[[], str]] = {
    "table": as_text,
    "markdown": as_markdown,
    "csv": as_csv,
    "json": as_json,
}
"""What `redress permissions --format` takes."""
