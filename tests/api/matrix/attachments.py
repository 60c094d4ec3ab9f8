"""How papers are added, listed and downloaded in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from PIL import Image

from tests.api.matrix import cases
from tests.api.matrix.recipe import Recipe
from tests.api.matrix.world import World


def _photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG")
    return out.getvalue()


PHOTO = _photo()


def _upload(_world: World, _login: str, _thing: Mapping[str, Any]) -> dict[str, Any]:
    return {"file": (BytesIO(PHOTO), "shop.png"), "kind": "photo"}


def _sent_by(world: World, who: str) -> Mapping[str, Any]:
    """A paper on the case that `who` has filed, sent by whoever filed it."""
    number = cases.filed(world, who).number
    answer = world.call(who, "POST", f"/cases/{number}/attachments", data=_upload(world, who, {}))
    assert answer.status == 201, answer.text
    return {"attachment_id": answer.json["id"]}


def paper(world: World, login: str) -> Mapping[str, Any]:
    return _sent_by(world, cases.near(login))


def strange(world: World, login: str) -> Mapping[str, Any]:
    return _sent_by(world, cases.far(login))


RECIPES = {
    "addAttachment": Recipe({"open": cases.case}, stranger=cases.strange, data=_upload, good=201),
    "addPendingAttachment": Recipe(data=_upload, good=201),
    "listAttachments": Recipe({"open": cases.case, "over": cases.over}, stranger=cases.strange),
    "listPendingAttachments": Recipe(),
    "readAttachment": Recipe({"": paper}, stranger=strange),
}

PAGES = {
    "add_paper": Recipe({"open": cases.case}, stranger=cases.strange, data=_upload, good=303),
    "add_pending_paper": Recipe(data=_upload),
    "paper": Recipe({"": paper}, stranger=strange),
}
