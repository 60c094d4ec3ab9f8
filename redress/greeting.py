"""What an operator is shown when Redress is ready: somebody of each tier to sign in as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def greeting(organisation: Mapping[str, Any], password: str, *, kept: bool) -> list[str]:
    """One line per candidate group, naming the first person who answers it, and the password they all share: for good
    where it is kept, else for the first sign-in only.
    """
    posts = {post["key"]: post for post in organisation.get("posts") or ()}
    units = {unit["code"]: unit for unit in organisation.get("units") or ()}
    shown: dict[str, Mapping[str, Any]] = {}
    for person in organisation.get("people") or ():
        unit = units.get(person.get("unit"), {})
        post = posts.get(person.get("post"), {})
        if person.get("kind") == "system":
            continue
        permissions = [role for role in post.get("grants") or () if role != "staff"]
        for role in [*(unit.get("roles") or ()), *(person.get("roles") or ()), *permissions]:
            shown.setdefault(role, {**person, "unit_name": unit.get("name", "")})
    if not shown:
        return []
    width = max(len(person["login"]) for person in shown.values())
    rule = "" if kept else ", to be changed at the first sign-in 首次登录须修改"
    lines = [f"Demo logins (password {password}{rule}) 演示账号:"]
    once: dict[str, list[str]] = {}
    for role, person in shown.items():
        post = f"{person['unit_name']} {person.get('title') or ''}"
        line = f"  {person['login']:<{width}}  {person['name']} · {post}"
        once.setdefault(line.rstrip(), []).append(role)
    return lines + [f"{line}  [{', '.join(roles)}]" for line, roles in once.items()]
