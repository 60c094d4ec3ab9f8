"""How the rulebook is read, and a missing paper handed in, in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from tasks.clauses.keeping import load_register
from tasks.clauses.tables import SourceDocument
from tasks.core import table
from tests.api.matrix.attachments import PHOTO
from tests.api.matrix.recipe import Recipe
from tests.api.matrix.world import World

REGISTER = """
clauses: [{id: T§1, text: 一条, en: one, kind: people, note: 由人执行}]
missing: [{key: annex, name: 附录, en: Annex, cited: T§1, default: 无, default_en: none, codes: [T.days]}]
"""


def _file(_world: World, _login: str, _thing: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": "document", "file": (BytesIO(PHOTO), "annex.png")}


def missing(world: World, _login: str) -> Mapping[str, Any]:
    with world.session() as session:
        load_register(session, REGISTER, now=world.clock.now())
        session.commit()
    return {"key": "annex"}


def handed_in(world: World, _login: str) -> Mapping[str, Any]:
    with world.session() as session:
        values = {
            "id": UUID(int=17),
            "key": "annex",
            "name": "annex.png",
            "media_type": "image/png",
            "size": len(PHOTO),
            "sha256": b"1" * 32,
            "content": PHOTO,
            "uploaded_at": world.clock.now(),
            "uploaded_by": UUID(int=18),
            "uploaded_by_name": "陆鉴",
        }
        session.execute(insert(table(SourceDocument)).values(values).on_conflict_do_nothing())
        session.commit()
    return {"document_id": UUID(int=17)}


RECIPES = {
    "readClauses": Recipe(),
    "handInDocument": Recipe({"": missing}, data=_file, good=201),
    "readDocument": Recipe({"": handed_in}),
}

PAGES = {
    "clauses": Recipe(),
    "hand_in": Recipe({"": missing}, data=_file, good=303),
    "source_document": Recipe({"": handed_in}),
}
