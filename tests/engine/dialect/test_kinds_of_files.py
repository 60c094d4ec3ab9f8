"""A file is what its content is; one that is something else says what, and what to do."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile

import pytest

from engine.dialect import SourceFile, compile_files
from engine.dialect.outcome import outcome_of
from engine.dialect.read.data.shapes import MOST_SHAPES
from engine.dialect.safe_xml import MAX_BYTES
from tests.engine.expressions.checked_tables import In, Made, Out

XML = '<?xml version="1.0"?>'
TABLE = Made([In("a", "number")], [(["1"], ["2"]), (["not(1)"], ["3"])], outputs=[Out("o", "number")]).file()


def one(name: str, content: bytes):
    return compile_files([SourceFile(name, content)], operations=())


@pytest.mark.parametrize(
    ("name", "content", "word", "zh"),
    [
        ("a.bpmn", b"\x89PNG\r\n\x1a\n", "PNG", "PNG"),
        ("a.bpmn", b"%PDF-1.7", "PDF", "PDF"),
        ("a.bpmn", b"PK\x03\x04x", ".zip", "zip"),
        ("a.bpmn", gzip.compress(b"<definitions/>", mtime=0), "gzip", "解压"),
        ("a.bpmn", b"\xd0\xcf\x11\xe0\xa1\xb1", "Visio", "Visio"),
        ("a.bpmn", b'{"stencilset": {}}', "JSON", "JSON"),
        ("a.bpmn", TABLE, "rename it to .dmn", ".dmn"),
        ("a.bpmn", f'{XML}<Package xmlns="http://www.wfmc.org/2008/XPDL2.1"/>'.encode(), "XPDL", "XPDL"),
        ("a.bpmn", f"{XML}<AML/>".encode(), "ARIS", "ARIS"),
        (
            "a.xml.bpmn",
            f'{XML}<VisioDocument xmlns="http://schemas.microsoft.com/visio/2003/core"/>'.encode(),
            "Visio",
            "Visio",
        ),
        ("a.bpmn", f"{XML}<mxfile/>".encode(), "draw.io", "draw.io"),
        (
            "a.bpmn",
            f'{XML}<bpmn:BpmnDiagram xmlns:bpmn="http://stp.eclipse.org/bpmn"/>'.encode(),
            "1.x",
            "1.x",
        ),
        (
            "a.bpmn",
            f'{XML}<definitions xmlns="http://schema.omg.org/spec/BPMN/2.0"/>'.encode(),
            "draft",
            "草案",
        ),
        (
            "a.bpmn",
            f'{XML}<definitions xmlns="http://www.omg.org/spec/CMMN/20151109/MODEL"/>'.encode(),
            "CMMN",
            "CMMN",
        ),
        ("a.bpmn", b"<!doctype html><html></html>", "not well-formed", "XML"),
        ("a.bpmn", b"<html></html>", "web page", "网页"),
        ("a.bpmn", b'<x:thing xmlns:x="urn:a"/>', "<thing> of urn:a", "<thing>"),
        ("a.json", json.dumps({"childShapes": []}).encode(), "Signavio", "Signavio"),
    ],
)
def test_something_else_under_the_name_of_a_diagram_is_called_what_it_is(name, content, word, zh):
    outcome = one(name, content)
    [finding] = outcome.errors
    assert word in finding.message and finding.message.endswith(".")
    assert zh in finding.message_zh and finding.message_zh.endswith("。")


def test_a_diagram_under_the_name_of_a_table_is_told_so(gate):
    [finding] = one("a.dmn", gate.diagram('<startEvent id="s"/>')).errors
    assert "rename it to .bpmn" in finding.message


@pytest.mark.parametrize("name", ["a.bpmn", "a.BPMN", "a.bpmn2", "a.bpmn20.xml", "a.xml", "流程 图.bpmn"])
def test_a_diagram_is_read_under_every_usual_ending(gate, name):
    outcome = one(name, gate.diagram('<startEvent id="s"/>'))
    assert (outcome.kinds, len(outcome.models)) == ({name: "bpmn"}, 1)


def test_json_is_a_form_where_it_has_components():
    form = b'{"type": "default", "id": "f", "components": []}'
    assert one("f.json", form).kinds == {"f.json": "form"}
    settings = one("package.json", b'{"name": "x"}')
    assert (settings.kinds, [each.code for each in settings.findings]) == (
        {"package.json": "other"},
        ["not-read"],
    )


def test_a_file_nothing_reads_is_kept_and_that_is_said():
    outcome = one("notes.txt", b"hello")
    [finding] = outcome.findings
    assert (finding.severity, finding.code) == ("note", "not-read")


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("nul.bpmn", "device"),
        ("a/COM1.bpmn", "device"),
        ("a\nb.bpmn", "control"),
        ("a\x00.bpmn", "control"),
        ("C:/a.bpmn", "absolute"),
        ("a\\b.bpmn", "backslash"),
        ("./a.bpmn", "leaves"),
        ("a//b.bpmn", "leaves"),
        ("x" * 251 + ".bpmn", "256 characters"),
        ("invoice\u202enmpb.bpmn", "control character"),
        ("a\u2066b.bpmn", "control character"),
        ("a\x9b2Jb.bpmn", "control character"),
        ("a\u2028b.bpmn", "control character"),
    ],
)
def test_a_name_that_cannot_be_kept_is_refused_with_the_reason(name, word):
    [finding] = one(name, b"<a/>").errors
    assert finding.code == "bad-file-name"
    assert word in finding.message
    assert "\x00" not in finding.message + finding.message_zh + finding.file


def test_too_many_files_are_refused_once():
    outcome = compile_files([SourceFile(f"{n}.txt", b"x") for n in range(300)], operations=())
    assert [finding.code for finding in outcome.errors] == ["too-many-files"]


def test_files_that_are_too_large_together_are_refused_once():
    each = MAX_BYTES
    outcome = compile_files([SourceFile(f"{n}.bin", bytes(each)) for n in range(9)], operations=())
    assert [(one.code, one.file) for one in outcome.errors] == [("deployment-too-large", "6.bin")]
    assert len(outcome.files) == 6


def test_small_archives_that_become_large_together_are_refused_before_they_are_read(gate):
    """Each archive is within its limits; all that is in them would take gigabytes to hold as trees."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("noise.bin", random.Random(7).randbytes(20_000))
        for number in range(3):
            archive.writestr(f"a{number}.bpmn", gate.diagram("<task/>" * 80_000))
    outcome = compile_files([SourceFile("all.zip", held.getvalue())], operations=())
    assert [(one.code, one.file) for one in outcome.errors] == [("deployment-too-large", "a2.bpmn")]
    assert "200000 XML elements" in outcome.errors[0].message and "200000 个" in outcome.errors[0].message_zh
    assert outcome_of(outcome).files, "what was read until then is told"


def test_a_large_form_at_many_tasks_is_not_known_field_by_field(gate):
    fields = ",".join(f'{{"type": "textfield", "key": "k{n}"}}' for n in range(2_000))
    form = f'{{"type": "default", "id": "f", "components": [{fields}]}}'.encode()
    tasks = "".join(
        f'<userTask id="t{n}" camunda:formKey="f" camunda:candidateGroups="g"/>' for n in range(60)
    )
    outcome = gate(gate.diagram('<startEvent id="s"/>' + tasks), f__form=form)
    assert 40_000 < len(outcome.shapes) <= MOST_SHAPES


def test_findings_of_one_kind_are_counted_after_two_hundred(gate):
    tasks = "".join(f'<serviceTask id="t{n}"/>' for n in range(450))
    found = [one for one in gate(gate.diagram(tasks)).findings if one.code == "implicit-end"]
    assert len(found) == 201
    assert "250 more" in found[-1].message and "250" in found[-1].message_zh


def test_a_name_of_any_length_does_not_make_a_finding_longer_than_a_page(gate):
    outcome = gate(
        gate.diagram(f'<userTask id="{"x" * 9000}"/><receiveTask id="r" messageRef="{"y" * 9000}"/>')
    )
    assert outcome.errors
    assert all(len(one.message) <= 2000 and len(one.element_id) <= 200 for one in outcome.findings)


@pytest.mark.parametrize("steering", ["\x9b2J", "\u202e", "\u2066"])
def test_a_name_cannot_steer_the_terminal_that_shows_it(gate, steering):
    outcome = gate(
        gate.diagram(f'<startEvent id="s"/><complexGateway id="g{steering}" name="a{steering}b"/>')
    )
    assert outcome.errors
    for found in outcome.findings:
        told = found.message + found.message_zh + found.element_name + found.element_id
        assert steering[0] not in told


def test_a_form_cannot_steer_the_terminal_that_shows_what_is_wrong_with_it(gate):
    form = b'{"type": "default", "id": "f", "components": [{"type": "textfield", "key": "a\\u001b[2J b"}, {"type": "\\u001b[2J"}]}'
    told = gate(f__form=form).findings
    assert told
    assert not any("\x1b" in one.message + one.message_zh + one.element_id for one in told)
