"""What the demo says about a row that the server refused, and how it stops when it is told to."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import redress.cli.demo as command
from redress.cli import main
from redress.demo.client import Refused
from redress.demo.filing import mistakes
from redress.demo.rows import labels

FORM = {
    "components": [
        {"type": "textarea", "key": "demand", "label": "客户诉求"},
        {"type": "group", "path": "customer", "components": [{"key": "phone", "label": "联系电话"}]},
        {"type": "datetime", "key": "occurred_at", "dateLabel": "发生时间"},
    ]
}


def test_a_mistake_is_named_as_the_form_names_the_field() -> None:
    refusal = Refused(
        422,
        {
            "errors": [
                {"path": "demand", "message": "is required", "message_zh": "为必填项"},
                {"path": "customer.phone", "message": "does not match", "message_zh": "格式不符合要求"},
                {"path": "unheard_of", "message": "is not a field of this form"},
            ]
        },
    )
    assert mistakes(refusal, labels(FORM)) == [
        "客户诉求 demand: 为必填项",
        "联系电话 customer.phone: 格式不符合要求",
        "unheard_of: is not a field of this form",
    ]


def test_ctrl_c_says_how_to_go_on(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_words: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_server", interrupted)
    stopped = CliRunner(env={"REDRESS_HOME": str(place)}).invoke(main, ["demo"])
    assert stopped.exit_code == 130
    assert "Run `redress demo` again to go on from here" in stopped.output
