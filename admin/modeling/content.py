"""What the editors of a process draft read and keep, as JSON: the files' texts, copies of the draft, and the check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, jsonify, request, url_for

from admin.errors import sentence_of
from admin.page import Answer, Page
from admin.security import storable
from admin.show.filters import iso
from engine.errors import InvalidInput, RedressError, WrongState
from tasks.processes.drafts import beside as files_beside
from tasks.processes.drafts import checking, keeping, making, reading
from tasks.processes.drafts.keeping import Saved, SavedMeanwhile
from tasks.processes.drafts.reading import FileText
from tasks.processes.outcomes import outcome_body


def content(page: Page, draft_id: UUID, name: str) -> Answer:
    """A file of a draft as text: as it stands or, with `revision`, as it was."""
    wanted = request.args.get("revision")
    if wanted is not None and not (wanted.isdecimal() and len(wanted) < 10):
        raise InvalidInput(
            f"The revision {wanted[:40]!r} was asked for; revisions are numbers, counted from 1.",
            message_zh="保存次数要写成数字。",
        )
    number = int(wanted) if wanted else None
    return jsonify(told(reading.text(page.session, page.caller, draft_id, name, number)))


def told(file: FileText) -> dict[str, Any]:
    """A file as editors read it. problem: why the text is not all its author wrote, in both languages, where it is not."""
    found = {
        "name": file.name,
        "kind": file.kind,
        "text": file.text,
        "revision": file.revision,
        "first_revision": file.first_revision,
        "last_revision": file.last_revision,
        "saved_at": iso(file.saved_at),
        "saved_by": file.saved_by,
    }
    return {**found, "problem": file.problem, "problem_zh": file.problem_zh} if file.problem else found


def save(page: Page, draft_id: UUID, name: str) -> Answer:
    """Keep a text as a file of the draft, going on from a revision (0: a new file)."""
    body = _body()
    text, revision = body.get("text"), _revision(body)
    if not isinstance(text, str):
        raise InvalidInput(
            "A file was to be saved without its text.", message_zh="没有收到文件内容，没有保存。"
        )
    try:
        saved = keeping.save(page.session, page.deps, page.caller, draft_id, name, text, revision)
    except SavedMeanwhile as error:
        return _parted(page, error)
    return jsonify(stands(saved))


def drop(page: Page, draft_id: UUID, name: str) -> Answer:
    """Take a file out of the draft; what was saved of it stays in the history."""
    try:
        keeping.drop_file(page.session, page.deps, page.caller, draft_id, name, _revision(_body()))
    except SavedMeanwhile as error:
        return _parted(page, error)
    return jsonify(url=url_for("admin.process_draft", draft_id=draft_id))


def copy(page: Page, draft_id: UUID) -> Answer:
    """Make a draft of the caller's own of this one, with texts over its files."""
    body = _body()
    name = body.get("name")
    made = making.copied(
        page.session,
        page.deps,
        page.caller,
        draft_id,
        name=name if isinstance(name, str) else "",
        texts=_texts(body),
    )
    return jsonify(id=str(made), url=url_for("admin.process_draft", draft_id=made))


def beside(page: Page, draft_id: UUID) -> Answer:
    """The file of the form, decision or process a diagram names; brought into the draft, or begun there, where it is not."""
    body, of = _body(), (page.session, page.deps, page.caller, draft_id)
    kind, key = body.get("kind"), body.get("key")
    if not isinstance(kind, str) or not isinstance(key, str) or not storable(kind + key):
        raise InvalidInput(
            "A file of a draft was asked for without its kind and key.", message_zh="没有说明要打开什么。"
        )
    if body.get("begin") is True:
        title = body.get("title")
        key, name = files_beside.begun(*of, kind, key, title=title if isinstance(title, str) else "")
    else:
        name = files_beside.file_of(*of, kind, key)
    return jsonify(key=key, name=name, url=url_for("admin.edit_process_file", draft_id=draft_id, name=name))


def check(page: Page, draft_id: UUID) -> Answer:
    """Everything a deployment would be told, with texts nobody has saved yet over the files."""
    found = checking.check(page.session, page.deps, page.caller, draft_id, _texts(_body()))
    return jsonify(outcome_body(found))


def stands(saved: Saved) -> dict[str, Any]:
    """What stands in the draft now, as JSON."""
    return {"revision": saved.revision, "saved_at": iso(saved.saved_at), "saved_by": saved.saved_by}


def refusal(error: RedressError, **more: Any) -> Response:
    """A refusal as the pages' JSON, with more members."""
    status, title, sentence = sentence_of(error)
    response = jsonify(title=title, status=status, detail=str(error), detail_zh=sentence, errors=[], **more)
    response.status_code = status
    return response


def _parted(page: Page, error: WrongState) -> Response:
    page.session.rollback()
    facts = error.facts
    at: Any = facts["saved_at"]
    return refusal(
        error,
        revision=facts["revision"],
        saved_at=iso(at) if at is not None else None,
        saved_by=facts["saved_by"],
    )


def _body() -> Mapping[str, Any]:
    found = request.get_json(silent=True)
    if not isinstance(found, dict):
        raise InvalidInput(
            f"{request.path} was sent something else than a JSON object.",
            message_zh="收到的内容不是 JSON 对象。",
        )
    return found


def _revision(body: Mapping[str, Any]) -> int:
    revision = body.get("revision")
    if not isinstance(revision, int) or isinstance(revision, bool) or not 0 <= revision < 2**31:
        raise InvalidInput(
            "To change a file was asked without the revision it goes on from.",
            message_zh="没有说明在哪一次保存的基础上修改，没有保存。",
        )
    return revision


def _texts(body: Mapping[str, Any]) -> dict[str, str]:
    files = body.get("files")
    if files is None:
        return {}
    if not isinstance(files, dict) or not all(isinstance(text, str) for text in files.values()):
        raise InvalidInput(
            "The member files must be an object: file name → text.",
            message_zh="files 要写成“文件名: 内容”的对象。",
        )
    if not all(map(storable, files)):
        raise InvalidInput(
            "A file name holds a character that cannot be stored.", message_zh="文件名含有无法保存的字符。"
        )
    return files
