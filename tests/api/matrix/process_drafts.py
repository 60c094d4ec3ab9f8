"""How process drafts are begun, edited and looked at in the walk."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import sqlalchemy as sa

from engine.deployment import ProcessDefinition
from tasks.processes.drafts import making, second_look
from tests.api.matrix.recipe import Recipe
from tests.api.matrix.world import World
from tests.tasks.drawings import one_task


def draft(world: World, login: str) -> Mapping[str, Any]:
    """A draft of the walking owner: somebody else walking into it finds it all the same."""
    owner = login if login == "owner" else "owner"
    with world.acting(owner) as (session, caller):
        files = [one_task("redesigned", "")]
        return {"draft_id": making.from_files(session, world.deps, caller, files)}


def file(world: World, login: str) -> Mapping[str, Any]:
    return {**draft(world, login), "name": "redesigned.bpmn"}


def submitted(world: World, login: str) -> Mapping[str, Any]:
    """A draft that another process owner has submitted."""
    with world.acting("co_owner") as (session, caller):
        made = making.from_files(session, world.deps, caller, [one_task("redesigned", "")])
        second_look.submit(session, world.deps, caller, made, note="by two")
    return {"draft_id": made}


def _brought(_world: World, _login: str, _thing: Mapping[str, Any]) -> dict[str, Any]:
    found = one_task("brought", "")
    return {"name": "brought", "files": (BytesIO(found.content), found.name)}


def of_version(world: World, _login: str, _thing: Mapping[str, Any]) -> dict[str, Any]:
    with world.session() as session:
        found = session.scalar(sa.select(ProcessDefinition.id).where(ProcessDefinition.key == "request"))
    return {"definition_id": str(found)}


DECISION = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:d">'
    '<decision id="one" name="one"><literalExpression><text>1 + 1</text></literalExpression></decision></definitions>'
)
FORM = '{"type": "default", "id": "new", "components": []}'

_DEPLOYED = {"note": "why"}
_LOOKED = {"submission": 1}

RECIPES = {
    "readVocabulary": Recipe(),
    "listElementTemplates": Recipe(),
    "listProcessDrafts": Recipe(),
    "createProcessDraft": Recipe(body=of_version, good=201),
    "uploadProcessDraft": Recipe(data=_brought, good=201),
    "readProcessDraft": Recipe({"": draft}),
    "dropProcessDraft": Recipe({"": draft}, good=204),
    "readProcessDraftFile": Recipe({"": file}),
    "saveProcessDraftFile": Recipe({"": file}, body={"text": "<definitions/>", "revision": 1}),
    "dropProcessDraftFile": Recipe({"": file}, query="?revision=1", good=204),
    "checkProcessDraft": Recipe({"": draft}, body={}),
    "deployProcessDraft": Recipe({"": draft}, body=_DEPLOYED),
    "submitProcessDraft": Recipe({"": draft}, body=_DEPLOYED),
    "withdrawProcessDraft": Recipe({"": submitted}),
    "approveProcessDraft": Recipe({"": submitted}, body=_LOOKED),
    "rejectProcessDraft": Recipe({"": submitted}, body={**_LOOKED, "reason": "why"}),
}


PAGES = {
    "process_drafts": Recipe(),
    "new_process_draft": Recipe(data=_brought, good=303),
    "process_draft": Recipe({"": draft}),
    "edit_process_file": Recipe({"": file}),
    "process_file": Recipe({"": file}),
    "save_process_file": Recipe({"": file}, body={"text": "<definitions/>", "revision": 1}),
    "drop_process_file": Recipe({"": file}, body={"revision": 1}),
    "copy_process_draft": Recipe({"": draft}, body={"name": "副本", "files": {}}),
    "vocabulary": Recipe(),
    "desktop_modeler": Recipe(),
    "element_templates": Recipe(),
    "process_vocabulary": Recipe({"": draft}),
    "try_process_decision": Recipe({"": draft}, body={"name": "new.dmn", "text": DECISION}),
    "try_process_form": Recipe({"": draft}, body={"name": "new.form", "text": FORM, "answers": {}}),
    "file_beside": Recipe({"": draft}, body={"kind": "form", "key": "brought_in", "begin": True}),
    "check_process_draft": Recipe({"": draft}, body={"files": {}}),
    "drop_process_draft": Recipe({"": draft}, good=303),
    "rename_process_draft": Recipe({"": draft}, data={"name": "新名"}, good=303),
    "duplicate_process_draft": Recipe({"": draft}, data={"name": "副本"}, good=303),
    "add_process_file": Recipe({"": draft}, data={"kind": "form", "key": "check"}, good=303),
    "download_process_file": Recipe({"": file}),
    "download_process_draft": Recipe({"": draft}),
    "take_back_process_file": Recipe(
        {"": draft}, data={"name": "redesigned.bpmn", "revision": "1"}, good=303
    ),
    "remove_process_file": Recipe({"": draft}, data={"name": "redesigned.bpmn", "revision": "1"}, good=303),
    "look_at_process_draft": Recipe({"": draft}),
    "deploy_process_draft": Recipe({"": draft}, data={"note": "why"}),
    "submit_process_draft": Recipe({"": draft}, data={"note": "why"}, good=303),
    "withdraw_process_draft": Recipe({"": submitted}, good=303),
    "approve_process_draft": Recipe({"": submitted}, data={"submission": "1"}),
    "reject_process_draft": Recipe({"": submitted}, data={"submission": "1", "reason": "why"}, good=303),
}
