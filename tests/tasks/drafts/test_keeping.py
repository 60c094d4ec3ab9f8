"""Drafts of processes: files kept on the server, never over what somebody else has saved meanwhile."""

from __future__ import annotations

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from engine.deployment import ProcessDefinition
from engine.dialect import SourceFile
from engine.dialect.safe_xml import MAX_BYTES
from engine.errors import InvalidInput, NotFound, NotPermitted, WrongState
from tasks.audit.tables import AuditEvent
from tasks.processes import deployments
from tasks.processes.drafts import checking, keeping, making, reading
from tasks.processes.drafts.keeping import KEPT, STRETCH, Saved, SavedMeanwhile
from tasks.processes.drafts.tables import ProcessDraftFile, ProcessDraftRevision
from tasks.processes.versions import comparing
from tests.tasks.drawings import drawn, one_task, request_files
from tests.tasks.office import TestOffice

DIAGRAM = one_task("redesigned", "")


def begun(office: TestOffice, login: str = "lu_jian", *files: SourceFile, name: str = "") -> UUID:
    with office.acting(login) as (session, caller):
        return making.from_files(session, office.deps, caller, files or (DIAGRAM,), name=name)


def of_version(office: TestOffice, key: str = "request", login: str = "lu_jian") -> UUID:
    wanted = office.scalar(
        sa.select(ProcessDefinition.id)
        .where(ProcessDefinition.key == key)
        .order_by(ProcessDefinition.version.desc())
        .limit(1)
    )
    with office.acting(login) as (session, caller):
        return making.from_version(session, office.deps, caller, wanted)


def save(office: TestOffice, login: str, draft: UUID, name: str, text: str, revision: int) -> Saved:
    with office.acting(login) as (session, caller):
        return keeping.save(session, office.deps, caller, draft, name, text, revision)


def read(office: TestOffice, draft: UUID, name: str, revision: int | None = None) -> reading.FileText:
    with office.acting("lu_jian") as (session, caller):
        return reading.text(session, caller, draft, name, revision)


def stored(office: TestOffice, draft: UUID) -> dict[str, bytes]:
    with office.deps.sessions() as session:
        return {one.name: one.content for one in reading.sources(session, draft)}


def row(office: TestOffice, draft: UUID) -> Any:
    with office.acting("lu_jian") as (session, caller):
        return reading.draft(session, caller, draft)


def trail(office: TestOffice) -> list[tuple[str, str]]:
    with office.deps.sessions() as session:
        rows = session.execute(
            sa.select(AuditEvent.verb, AuditEvent.actor_name)
            .where(AuditEvent.chain == "office/process_draft")
            .order_by(AuditEvent.seq)
        )
        return [(one.verb, one.actor_name) for one in rows]


def test_a_draft_of_a_version_holds_its_files_byte_for_byte(office: TestOffice) -> None:
    draft = of_version(office)
    assert stored(office, draft) == {file.name: file.content for file in request_files()}
    found = row(office, draft)
    assert (found.based_key, found.based_version, found.bases) == ("request", 1, {"request": 1})
    assert (found.owner_name, found.state, found.writers) == ("陆鉴", "open", {})
    with office.acting("bai_he") as (session, caller):
        assert [one.id for one in reading.drafts(session, caller)] == [draft]


def test_a_draft_of_a_version_takes_a_decision_from_an_older_deployment_and_what_that_imports(
    office: TestOffice,
) -> None:
    def table(key: str, imports: str = "") -> SourceFile:
        return SourceFile(
            f"{key}.dmn",
            (
                f'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d_{key}" name="{key}" '
                f'namespace="urn:{key}">{imports}<decision id="{key}" name="{key}">'
                '<literalExpression><text>"A"</text></literalExpression></decision></definitions>'
            ).encode(),
        )

    imported = '<import namespace="urn:shared" name="shared" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
    tables = [table("shared"), table("level_of", imported)]
    office.deploy(*tables, table("nothing_to_do_with_it"))
    diagram = drawn(
        "levelled",
        '<bpmn:startEvent id="s"/><bpmn:businessRuleTask id="level" camunda:decisionRef="level_of"/><bpmn:endEvent id="e"/>'
        '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="level"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="level" targetRef="e"/>',
    )
    office.deploy(diagram)
    draft = of_version(office, "levelled")
    assert stored(office, draft) == {file.name: file.content for file in [*tables, diagram]}

    # Beside the version it was begun from nothing of it is new; what is changed of an import is told as changed.
    with office.acting("lu_jian") as (session, caller):
        assert comparing.compare_draft(session, caller, draft).same
    text = tables[0].content.decode().replace('"A"', '"B"')
    save(office, "lu_jian", draft, "shared.dmn", text, 1)
    with office.acting("lu_jian") as (session, caller):
        found = comparing.compare_draft(session, caller, draft)
    assert [(one.key, one.what) for one in found.parts if one.what] == [("shared", "changed")]


def test_a_file_nobody_has_edited_keeps_its_bytes_and_is_utf_8_once_somebody_has(office: TestOffice) -> None:
    text = DIAGRAM.content.decode().replace("办理", "复核")
    gbk = ('<?xml version="1.0" encoding="GBK"?>' + text.split("?>", 1)[-1]).encode("gbk")
    wide = ('<?xml version="1.0" encoding="UTF-16"?>' + text.split("?>", 1)[-1]).encode("utf-16")
    draft = begun(office, "lu_jian", SourceFile("gbk.bpmn", gbk), SourceFile("wide.bpmn", wide))
    for name, content in (("gbk.bpmn", gbk), ("wide.bpmn", wide)):
        given = read(office, draft, name)
        assert "复核" in given.text and given.text.startswith('<?xml version="1.0" encoding="UTF-8"?>')
        assert save(office, "lu_jian", draft, name, given.text, 1).revision == 1, "nothing was edited"
        assert stored(office, draft)[name] == content
        edited = given.text.replace("复核", "审核").replace('encoding="UTF-8"', 'encoding="GBK"')
        assert save(office, "lu_jian", draft, name, edited, 1).revision == 2
        kept = stored(office, draft)[name].decode()
        assert "审核" in kept and 'encoding="UTF-8"' in kept
        assert read(office, draft, name, 1).text == given.text


def test_what_cannot_be_decoded_is_shown_with_marks_and_said_and_its_bytes_stay(office: TestOffice) -> None:
    broken = DIAGRAM.content.replace("办理".encode(), b"\xff\xfe\x80")
    form = b'{"type": "default", "id": "f", "components": [], "x": "\xff"}'
    draft = begun(
        office, "lu_jian", SourceFile("broken.bpmn", broken), SourceFile("broken.form", form), DIAGRAM
    )
    for name in ("broken.bpmn", "broken.form"):
        given = read(office, draft, name)
        assert "�" in given.text and given.problem and given.problem_zh
    assert stored(office, draft)["broken.bpmn"] == broken
    with office.acting("lu_jian") as (session, caller):
        found = checking.check(session, office.deps, caller, draft)
    assert {one.file for one in found.findings if one.severity == "error"} >= {"broken.bpmn", "broken.form"}
    assert (
        save(office, "lu_jian", draft, "broken.form", read(office, draft, "broken.form").text, 1).revision
        == 2
    )
    with office.acting("lu_jian") as (session, caller):
        assert reading.content(session, caller, draft, "broken.form", 1).content == form


@pytest.mark.parametrize("revision", [0, 1, 3])
def test_nobody_overwrites_what_somebody_else_has_saved(office: TestOffice, revision: int) -> None:
    draft = begun(office)
    name = DIAGRAM.name
    assert save(office, "bai_he", draft, name, "<theirs/>", 1).revision == 2
    with pytest.raises(SavedMeanwhile, match="revision 2, saved by 白鹤") as refused:
        save(office, "lu_jian", draft, name, "<mine/>", revision)
    assert refused.value.facts["revision"] == 2
    assert refused.value.facts["saved_by"] == "白鹤"
    assert read(office, draft, name).text == "<theirs/>"
    # The same text again is no conflict: its answer was never heard.
    assert save(office, "bai_he", draft, name, "<theirs/>", 1).revision == 2


def test_of_two_owners_who_save_at_once_exactly_one_wins(office: TestOffice) -> None:
    draft = begun(office)
    for round_ in range(1, 6):
        together = Barrier(2)

        def attempt(
            login: str, together: Barrier = together, round_: int = round_
        ) -> tuple[str, int | None, str]:
            with office.acting(login) as (session, caller):
                text = f"<of-{login}-{round_}/>"
                together.wait()
                try:
                    saved = keeping.save(session, office.deps, caller, draft, DIAGRAM.name, text, round_)
                except SavedMeanwhile as refused:
                    return text, None, f"{refused.facts['saved_by']} {refused.facts['revision']}"
                return text, saved.revision, saved.saved_by

        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(attempt, ("lu_jian", "bai_he")))
        won = [one for one in outcomes if one[1] is not None]
        lost = [one for one in outcomes if one[1] is None]
        assert len(won) == len(lost) == 1
        assert lost[0][2] == f"{won[0][2]} {round_ + 1}", "the loser is told who was faster"
        assert read(office, draft, DIAGRAM.name).text == won[0][0]
        assert read(office, draft, DIAGRAM.name).revision == round_ + 1


def test_of_two_new_files_of_one_name_one_is_kept(office: TestOffice) -> None:
    draft = begun(office)
    assert save(office, "lu_jian", draft, "check.form", "{}", 0).revision == 1
    with pytest.raises(SavedMeanwhile):
        save(office, "bai_he", draft, "check.form", "[]", 0)
    with pytest.raises(InvalidInput, match="capitals only"):
        save(office, "bai_he", draft, "CHECK.form", "[]", 0)


def test_a_dropped_file_stays_in_the_history_and_can_be_taken_back(office: TestOffice) -> None:
    draft = begun(office)
    save(office, "lu_jian", draft, "check.form", "{}", 0)
    save(office, "lu_jian", draft, "check.form", '{"a": 1}', 1)
    with pytest.raises(SavedMeanwhile), office.acting("bai_he") as (session, caller):
        keeping.drop_file(session, office.deps, caller, draft, "check.form", 1)
    with office.acting("bai_he") as (session, caller):
        keeping.drop_file(session, office.deps, caller, draft, "check.form", 2)
    assert list(stored(office, draft)) == [DIAGRAM.name]
    with pytest.raises(NotFound):
        read(office, draft, "check.form")
    with pytest.raises(SavedMeanwhile, match="dropped meanwhile") as refused:
        save(office, "lu_jian", draft, "check.form", '{"a": 2}', 2)
    assert refused.value.facts["revision"] == 0
    with office.acting("lu_jian") as (session, caller):
        assert keeping.take_back(session, office.deps, caller, draft, "check.form", 1).revision == 3
    assert read(office, draft, "check.form").text == "{}"
    with office.acting("lu_jian") as (session, caller):
        told = [(one.name, one.revision) for one in reading.revisions(session, caller, draft)]
    assert sorted(told) == [("check.form", 1), ("check.form", 2), ("check.form", 3), (DIAGRAM.name, 1)]


def test_the_last_revisions_of_a_file_are_kept(office: TestOffice) -> None:
    draft = begun(office)
    with office.acting("lu_jian") as (session, caller):
        for revision in range(1, KEPT + 3):
            keeping.save(session, office.deps, caller, draft, DIAGRAM.name, f"<number-{revision}/>", revision)
    given = read(office, draft, DIAGRAM.name)
    assert (given.first_revision, given.revision, given.last_revision) == (4, KEPT + 3, KEPT + 3)
    with pytest.raises(NotFound):
        read(office, draft, DIAGRAM.name, 3)
    with pytest.raises(NotFound):
        read(office, draft, DIAGRAM.name, 10**9)


def test_a_copy_is_the_callers_own_with_their_texts_over_it(office: TestOffice) -> None:
    draft = of_version(office)
    save(office, "bai_he", draft, "request.bpmn", "<theirs/>", 1)
    with office.acting("lu_jian") as (session, caller):
        made = making.copied(
            session,
            office.deps,
            caller,
            draft,
            name="我的修改",
            texts={"request.bpmn": "<mine/>", "new.form": "{}"},
        )
    assert stored(office, made)["request.bpmn"] == b"<mine/>"
    assert stored(office, made)["new.form"] == b"{}"
    assert stored(office, draft)["request.bpmn"] == b"<theirs/>"
    found = row(office, made)
    assert (found.owner_name, found.based_key, found.bases) == ("陆鉴", "request", {"request": 1})
    assert sorted(one["name"] for one in found.writers.values()) == ["白鹤", "陆鉴"]


def test_only_its_owner_drops_a_draft_and_nothing_of_it_is_left(office: TestOffice) -> None:
    draft = begun(office)
    with pytest.raises(NotPermitted, match="陆鉴's"), office.acting("bai_he") as (session, caller):
        making.drop(session, office.deps, caller, draft)
    with office.acting("lu_jian") as (session, caller):
        making.drop(session, office.deps, caller, draft)
    with pytest.raises(NotFound):
        row(office, draft)
    for kind in (ProcessDraftFile, ProcessDraftRevision):
        assert office.scalar(sa.select(sa.func.count()).select_from(kind)) == 0


def test_a_blank_draft_can_be_deployed_as_it_is(office: TestOffice) -> None:
    with office.acting("lu_jian") as (session, caller):
        draft = making.from_nothing(session, office.deps, caller, "visit_back", name='回访<"&>流程')
        found = checking.check(session, office.deps, caller, draft)
    assert found.ok and found.startable, found.findings
    assert [one.name for one in found.processes] == ['回访<"&>流程']
    with pytest.raises(WrongState, match="deployed"), office.acting("lu_jian") as (session, caller):
        making.from_nothing(session, office.deps, caller, "request", name="申请")
    for key in ("", "1a", "a b", "流程", "a" * 101, 'a"b', "a\n"):
        with pytest.raises(InvalidInput), office.acting("lu_jian") as (session, caller):
            making.from_nothing(session, office.deps, caller, key, name="申请")


def test_the_check_takes_what_is_not_saved_yet_and_stores_nothing(office: TestOffice) -> None:
    draft = begun(office)
    with office.acting("lu_jian") as (session, caller):
        assert checking.check(session, office.deps, caller, draft).ok
        found = checking.check(
            session, office.deps, caller, draft, {DIAGRAM.name: "<bpmn:definitions", "x.form": "{"}
        )
    assert not found.ok
    assert {one.file for one in found.findings} == {DIAGRAM.name, "x.form"}
    assert stored(office, draft) == {DIAGRAM.name: DIAGRAM.content}


def test_a_bomb_is_for_the_check_to_find(office: TestOffice) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 1000 + b'"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;&c;</a>'
    draft = begun(office, "lu_jian", SourceFile("bomb.bpmn", bomb), SourceFile("bomb.xml", bomb))
    assert "<!ENTITY" in read(office, draft, "bomb.bpmn").text
    with office.acting("lu_jian") as (session, caller):
        found = checking.check(session, office.deps, caller, draft)
    assert {one.code for one in found.findings} == {"doctype"}


@pytest.mark.parametrize(
    "name",
    ["../x.bpmn", "/etc/x.bpmn", "a/../x.bpmn", "a//b.form", ".", "", "a\x00b.form", "a\nb.form", "a\u202eb.form",
     "x" * 201 + ".form", "C:\\x.bpmn", "con.form", "\ud800.form", "a.zip", "generated/x.form", " x.form"],
)  # fmt: skip
def test_names_that_cannot_be_kept_are_refused(office: TestOffice, name: str) -> None:
    draft = begun(office)
    with pytest.raises(InvalidInput):
        save(office, "lu_jian", draft, name, "{}", 0)
    with pytest.raises(InvalidInput):
        begun(office, "lu_jian", SourceFile(name, b"{}"))
    with pytest.raises(InvalidInput), office.acting("lu_jian") as (session, caller):
        checking.check(session, office.deps, caller, draft, {name: "{}"})
    assert list(stored(office, draft)) == [DIAGRAM.name]


def test_five_megabytes_are_kept_and_more_are_refused(office: TestOffice) -> None:
    draft = begun(office)
    largest = "<a>" + "x" * (MAX_BYTES - 7) + "</a>"
    assert save(office, "lu_jian", draft, DIAGRAM.name, largest, 1).revision == 2
    assert read(office, draft, DIAGRAM.name).text == largest
    with pytest.raises(InvalidInput, match="at most 5242880"):
        save(office, "lu_jian", draft, DIAGRAM.name, largest + " ", 2)
    with pytest.raises(InvalidInput, match="at most 5242880"):
        begun(office, "lu_jian", SourceFile("x.bpmn", b"x" * (MAX_BYTES + 1)))
    with pytest.raises(InvalidInput, match="cannot be kept"):
        save(office, "lu_jian", draft, DIAGRAM.name, "\ud800", 2)


def test_an_archive_is_unpacked_and_a_bad_one_refused(office: TestOffice) -> None:
    def packed(*names: str) -> SourceFile:
        kept = io.BytesIO()
        with zipfile.ZipFile(kept, "w") as archive:
            for name in names:
                archive.writestr(name, DIAGRAM.content)
        return SourceFile("all.zip", kept.getvalue())

    draft = begun(office, "lu_jian", packed("流程/a.bpmn", "b.bpmn"), SourceFile("c.form", b"{}"))
    assert sorted(stored(office, draft)) == ["b.bpmn", "c.form", "流程/a.bpmn"]
    for bad in (packed("../a.bpmn"), SourceFile("all.zip", b"PK\x03\x04 nothing"), packed()):
        with pytest.raises(InvalidInput, match=r"all\.zip"):
            begun(office, "lu_jian", bad)
    with pytest.raises(InvalidInput, match="200 files"):
        begun(office, "lu_jian", *(SourceFile(f"{n}.form", b"{}") for n in range(201)))
    with pytest.raises(InvalidInput):
        begun(office, "lu_jian", DIAGRAM, DIAGRAM)
    with pytest.raises(InvalidInput), office.acting("lu_jian") as (session, caller):
        making.from_files(session, office.deps, caller, [])


def test_the_trail_has_a_line_for_each_stretch_of_work(office: TestOffice) -> None:
    draft = begun(office)
    for revision in (1, 2, 3):
        save(office, "bai_he", draft, DIAGRAM.name, f"<a{revision}/>", revision)
        office.clock.advance(STRETCH / 10)
    office.clock.advance(STRETCH)
    save(office, "bai_he", draft, DIAGRAM.name, "<a/>", 4)
    with office.acting("lu_jian") as (session, caller):
        making.drop(session, office.deps, caller, draft)
    assert trail(office) == [
        ("process_draft.keep", "陆鉴"),
        ("process_draft.keep", "白鹤"),
        ("process_draft.keep", "白鹤"),
        ("process_draft.drop", "陆鉴"),
    ]


def test_nobody_else_reads_or_keeps_drafts(office: TestOffice) -> None:
    draft = begun(office)
    with pytest.raises(NotPermitted):
        save(office, "li_na", draft, DIAGRAM.name, "<a/>", 1)
    with pytest.raises(NotPermitted), office.acting("tang_wei") as (session, caller):
        reading.text(session, caller, draft, DIAGRAM.name)
    with pytest.raises(NotFound):
        save(office, "lu_jian", uuid4(), DIAGRAM.name, "<a/>", 1)


def test_a_deployment_is_opened_with_all_its_files(office: TestOffice) -> None:
    with office.acting("lu_jian") as (session, caller):
        receipt = deployments.deploy(
            session, office.deps, caller, [DIAGRAM, SourceFile("readme.txt", b"read me")], name="two"
        )
        assert receipt.deployment_id is not None
        draft = making.from_deployment(session, office.deps, caller, receipt.deployment_id)
    assert stored(office, draft) == {DIAGRAM.name: DIAGRAM.content, "readme.txt": b"read me"}
    assert row(office, draft).bases == {"redesigned": 1}
