"""A deployment tells what is wrong with its decision tables, and refuses none of them for it."""

from __future__ import annotations

from engine.dialect import SourceFile, compile_files
from engine.expressions.dmn.verification import Effort
from tests.engine.expressions.checked_tables import In, Made

OVERLAPPING = Made([In("amount", "number")], [(["<= 10"], ["1"]), ([">= 10"], ["2"])])


def test_remarks_stand_among_the_findings_with_their_row_and_example() -> None:
    compiled = compile_files([SourceFile("t/level.dmn", OVERLAPPING.file())], operations=())
    (found,) = compiled.findings
    assert (found.code, found.severity, found.file, found.line) == (
        "table-overlap",
        "warning",
        "t/level.dmn",
        3,
    )
    assert (found.element_id, found.element_name, found.row) == ("rule-2", "The verdict", 2)
    assert found.example == (("amount", "10"),)
    assert compiled.errors == []
    assert compiled.decisions == {"verdict": "t/level.dmn"}


def test_a_file_with_errors_is_told_of_those_first() -> None:
    broken = OVERLAPPING.file().replace(b"&lt;= 10", b"&lt;= ")
    compiled = compile_files([SourceFile("level.dmn", broken)], operations=())
    assert {one.severity for one in compiled.findings} == {"error"}


def test_all_files_of_a_deployment_share_one_effort() -> None:
    effort = Effort(steps=400)
    files = [SourceFile(f"{n}.dmn", OVERLAPPING.file().replace(b"verdict", b"v%d" % n)) for n in range(40)]
    compiled = compile_files(files, operations=(), effort=effort)
    assert effort.steps < 40
    assert "table-unchecked" in {one.code for one in compiled.findings if one.file == "39.dmn"}
    assert "table-unchecked" not in {one.code for one in compiled.findings if one.file == "0.dmn"}
