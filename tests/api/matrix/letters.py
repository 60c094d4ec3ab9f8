"""How letters are read and their templates replaced in the walk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa

from tasks.core import table
from tasks.evidence import store
from tasks.evidence.tables import Attachment
from tasks.letters.versions import load_templates
from tests.api.matrix import cases
from tests.api.matrix.recipe import Make, Recipe
from tests.api.matrix.world import World

TEXT = "name: 测试函\nname_en: Test letter\n---\n# 测试函\n> 尊敬的{{ case.customer.name }}：\n已经办结。\n"
CONTENT = b"%PDF-1.7 a letter"
_PAPER = table(Attachment)


def _made_for(world: World, who: str) -> Mapping[str, Any]:
    """A letter on the case that `who` has filed, kept as theirs: a body outside reaches nothing else."""
    filed = cases.filed(world, who)
    letter_id = uuid5(UUID(int=1), who)
    with world.acting(who) as (_session, caller):
        by = caller.id
    values = {
        "id": letter_id, "case_id": filed.id, "kind": "letter", "name": "测试函.pdf",
        "media_type": "application/pdf", "size": len(CONTENT), "sha256": hashlib.sha256(CONTENT).digest(),
        "uploaded_sha256": hashlib.sha256(CONTENT).digest(), "store": "database",
        "notes": {"to": "regulator", "number": f"{filed.number}-01"}, "uploaded_by": by,
        "uploaded_by_name": "河南", "uploaded_at": world.clock.now(),
    }  # fmt: skip
    with world.session() as session:
        if session.scalar(sa.select(_PAPER.c.id).where(_PAPER.c.id == letter_id)) is None:
            session.execute(sa.insert(_PAPER).values(values))
            store.keep(session, world.deps.cabinet, letter_id, BytesIO(CONTENT))
        session.commit()
    return {"letter_id": letter_id}


def letter(world: World, login: str) -> Mapping[str, Any]:
    return _made_for(world, cases.near(login))


def strange(world: World, login: str) -> Mapping[str, Any]:
    return _made_for(world, cases.far(login))


def template(world: World, _login: str) -> Mapping[str, Any]:
    with world.session() as session:
        load_templates(session, {"plain": TEXT}, now=world.clock.now())
        session.commit()
    return {"key": "plain"}


ONE: Mapping[str, Make] = {"": template}
NEXT = TEXT.replace("已经办结", "已经处理完毕")

RECIPES = {
    "listLetters": Recipe({"open": cases.case, "over": cases.over}, stranger=cases.strange),
    "listLetterTemplates": Recipe(),
    "readLetterTemplate": Recipe(ONE),
    "listLetterTemplateVersions": Recipe(ONE),
    "previewLetterTemplate": Recipe(ONE),
    "checkLetterTemplate": Recipe(ONE, body={"text": NEXT}),
    "replaceLetterTemplate": Recipe(ONE, body={"text": NEXT, "version": 1}),
}

PAGES = {
    "letter": Recipe({"": letter}, stranger=strange),
    "letter_templates": Recipe(),
    "letter_template": Recipe(ONE),
    "preview_letter_template": Recipe(ONE),
    "add_letter_template": Recipe(data={"key": "fresh"}),
    "replace_letter_template": Recipe(ONE, data={"text": NEXT, "version": "1"}, good=303),
    "look_at_letter_template": Recipe(ONE, data={"text": NEXT}),
}
