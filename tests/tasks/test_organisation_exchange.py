"""Units, posts and people out as CSV and XLSX and in again: first told, then done whole or not at all."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
import xlsxwriter

from engine.errors import InvalidInput, NotPermitted
from tasks.organisation.changing.chart import read_chart
from tasks.organisation.changing.editing import StaleEdit
from tasks.organisation.changing.mistakes import OrganisationRefused
from tasks.organisation.exchange.columns import neutral, restored
from tasks.organisation.exchange.exporting import export_csv, export_xlsx
from tasks.organisation.exchange.importing import Report, carry_out, dry_run
from tasks.organisation.exchange.workbook import sheets
from tasks.organisation.tables import OfficeRevision, OrgUnit
from tests.tasks.office import TestOffice
from tests.tasks.test_organisation_checks import data, load, person, unit
from tests.tasks.test_organisation_dates import POSTS, standing

File = tuple[str, bytes]


@pytest.fixture
def wide(office: TestOffice) -> TestOffice:
    load(
        office,
        data(
            units=[unit("henan_it", parent="henan", acts_for="henan"), unit("odd", name='=cmd|"x"!A1')],
            posts=POSTS,
            people=[person("root", post="operator"), person("henan_op", "henan_it", post="operator")],
        ),
    )
    return office


def report(office: TestOffice, *files: File, login: str | None = "root") -> Report:
    with office.acting(login or "root") as (session, caller):
        return dry_run(session, office.deps, caller if login else None, files)


def carry(office: TestOffice, expected: str, *files: File, login: str | None = "root") -> Any:
    with office.acting(login or "root") as (session, caller):
        return carry_out(session, office.deps, caller if login else None, files, expected)


def exported(office: TestOffice) -> list[File]:
    with office.acting("root") as (session, caller):
        return [("all.xlsx", export_xlsx(session, caller))]


def as_csv(office: TestOffice, table: str) -> bytes:
    with office.acting("root") as (session, caller):
        return export_csv(session, caller, table)


def sheet(rows: list[list[str]]) -> File:
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    page = book.add_worksheet("表")
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return "x.xlsx", made.getvalue()


def test_what_was_exported_comes_back_unchanged(wide: TestOffice) -> None:
    with wide.deps.sessions() as session:
        before = read_chart(session)
    for files in (exported(wide), [(f"{t}.csv", as_csv(wide, t)) for t in ("units", "posts", "people")]):
        told = report(wide, *files)
        assert (told.changes, told.mistakes) == ([], [])
        assert told.unchanged == len(before.units) + len(before.posts) + len(before.people)
        carry(wide, told.fingerprint, *files)
    with wide.deps.sessions() as session:
        assert read_chart(session) == before


def test_no_cell_of_an_export_is_a_formula(wide: TestOffice) -> None:
    assert "\"'=cmd|" in as_csv(wide, "units").decode("utf-8-sig")
    for text in ("=1+1", "+1", "-1", "@x", "'=1", "''@", "＝1", "\t=1", "plain", "'plain", ""):
        assert restored(neutral(text)) == text
    rows = dict(sheets(exported(wide)[0][1]))["单位 units"]
    assert next(row for row in rows if row[0] == "odd")[1].startswith("'=")


def test_a_report_says_per_row_what_was_and_what_becomes(wide: TestOffice) -> None:
    text = "账号,名称,单位,岗位\nli_na,李楠楠,zhejiang_hotline,clerk\nnew,新人,henan_hotline,\nwang_lei,王磊,henan_centre,\n"
    for encoding in ("gb18030", "utf-8-sig", "utf-16"):
        told = report(wide, ("人员.csv", text.encode(encoding)))
        assert told.mistakes == []
        assert [(c.kind, c.subject, c.key) for c in told.changes] == [
            ("changed", "person", "li_na"),
            ("added", "seat", "li_na"),
            ("ended", "seat", "li_na"),
            ("added", "person", "new"),
            ("added", "seat", "new"),
        ]
        assert told.unchanged == 1
    assert (told.changes[0].before, told.changes[0].after) == ({"name": "李楠"}, {"name": "李楠楠"})
    assert told.changes[0].where == "人员.csv 2"
    assert standing(wide, "li_na").unit_code == "henan_hotline"
    carry(wide, told.fingerprint, ("人员.csv", text.encode("utf-16")))
    assert standing(wide, "li_na").unit_code == "zhejiang_hotline"


def test_columns_that_are_not_there_change_nothing(wide: TestOffice) -> None:
    told = report(wide, ("u.csv", b"code;name\nhenan_centre;Centre\n"))
    assert [(c.before, c.after) for c in told.changes] == [({"name": "河南中心"}, {"name": "Centre"})]


def test_one_bad_row_and_nothing_is_imported(wide: TestOffice) -> None:
    rows = [
        ["代码 code", "名称 name", "上级 parent", "起始 from", "colour"],
        ["good", "好", "henan", "2026-01-01", ""],
        ["bad", "坏", "nowhere", "someday", ""],
        ["good", "又一个", "henan", "", ""],
        ["", "无名", "henan", "", ""],
    ]
    file = sheet(rows)  # once: a workbook says when it was made
    told = report(wide, file)
    assert {(one.where, one.column) for one in told.mistakes} >= {
        ("表 1", "colour"),
        ("表 3", "parent"),
        ("表 3", "from"),
        ("表 4", ""),
        ("表 5", "code"),
    }
    with pytest.raises(OrganisationRefused):
        carry(wide, told.fingerprint, file)
    assert wide.scalar(sa.select(OrgUnit.id).where(OrgUnit.code == "good")) is None


def test_a_report_is_carried_out_only_while_files_and_organisation_are_the_same(wide: TestOffice) -> None:
    one = ("u.csv", b"code,name\nhenan,One\n")
    told = report(wide, one)
    with pytest.raises(StaleEdit):
        carry(wide, told.fingerprint, ("u.csv", b"code,name\nhenan,Two\n"))
    with wide.deps.sessions.begin() as session:
        session.execute(sa.update(OfficeRevision).values(revision=OfficeRevision.revision + 1))
    with pytest.raises(StaleEdit):
        carry(wide, told.fingerprint, one)


def test_an_import_reaches_as_far_as_whoever_imports(wide: TestOffice) -> None:
    near = ("u.csv", "code,name\nhenan_hotline,热线\n".encode())
    carry(wide, report(wide, near, login="henan_op").fingerprint, near, login="henan_op")
    for text in ("code,name\nzhejiang,x\n", "login,name\nchen_yu,x\n", "key,name,grants\nclerk,x,auditor\n"):
        far = ("u.csv", text.encode())
        told = report(wide, far, login="henan_op")
        assert "do not maintain" in told.mistakes[0].message
        with pytest.raises(NotPermitted):
            carry(wide, told.fingerprint, far, login="henan_op")
    self_made = ("p.csv", b"login,unit,post,roles\nroot,hq,operator,auditor\n")
    assert "their own seats" in report(wide, self_made).mistakes[0].message
    granted = ("p.csv", b"key,name,grants\noperator,x,operator auditor\n")
    assert "their own seats" in report(wide, granted).mistakes[0].message
    assert report(wide, self_made, login=None).mistakes == []  # typed on the machine itself


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xff\xff",
        b"\x00\x01",
        b"PK\x03\x04 not a zip",
        b'login,name\n"open',
        b"login" + b",x" * 40,
        b"login\n" * 50_002,
        b"x" * (8 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(wide: TestOffice, content: bytes) -> None:
    with pytest.raises(InvalidInput) as refusal:
        report(wide, ("odd.csv", content))
    assert refusal.value.facts["message_zh"]


def test_an_empty_file_changes_nothing(wide: TestOffice) -> None:
    told = report(wide, ("empty.csv", b""))
    assert (told.changes, told.mistakes, told.unchanged) == ([], [], 0)


def _workbook(**parts: str) -> bytes:
    made = BytesIO()
    source = zipfile.ZipFile(BytesIO(sheet([["code", "name"], ["a", "b"]])[1]))
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, parts.get(name.rsplit("/", 1)[-1].split(".")[0], source.read(name)))
    return made.getvalue()


SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


@pytest.mark.parametrize(
    "bomb",
    [
        _workbook(
            sheet1=SHEET.format('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>')
        ),
        _workbook(sheet1=SHEET.format('<row r="1048576"><c><v>1</v></c></row>')),
        _workbook(sheet1=" " * (33 * 1024 * 1024)),
        _workbook(sheet1='<!DOCTYPE x [<!ENTITY a "aaaa">]>' + SHEET.format("")),
        _workbook(
            sharedStrings='<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
            + "x" * 30_000
            + "</t></si></sst>",
            sheet1=SHEET.format('<row><c t="s"><v>0</v></c></row>' * 3_000),
        ),
    ],
    ids=["far cell", "far row", "unpacked", "entities", "one text everywhere"],
)
def test_a_small_workbook_that_would_become_huge_is_refused(wide: TestOffice, bomb: bytes) -> None:
    assert len(bomb) < 200_000
    with pytest.raises(InvalidInput):
        report(wide, ("bomb.xlsx", bomb))


def test_a_formula_counts_as_the_value_it_was_saved_with(wide: TestOffice) -> None:
    cell = '<row r="1"><c t="str"><v>code</v></c><c t="str"><v>name</v></c></row><row r="2"><c t="str"><v>henan</v></c>'
    book = _workbook(sheet1=SHEET.format(cell + '<c t="str"><f>1+1</f><v>saved</v></c></row>'))
    assert report(wide, ("f.xlsx", book)).changes[0].after == {"name": "saved"}
