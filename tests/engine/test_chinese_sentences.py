"""Chinese sentences are set with Chinese signs, as who reads them every day expects."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import engine

ROOT = Path(engine.__file__).parent
HAN = "\u4e00-\u9fff"
NARROW = re.compile(rf"(?:^|[{HAN}”）])[,;:?!](?=[{HAN}“（]|$)|[{HAN}”]\((?=[^)]*(?:\)|$))")


def texts() -> Iterator[tuple[str, str]]:
    """Every text with Chinese in it that is written out in the engine, a 数 standing for what is filled in."""
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        inside = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                text = "".join(part.value if isinstance(part, ast.Constant) else "数" for part in node.values)
                written = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
                text = written = node.value
            else:
                continue
            if re.search(f"[{HAN}]", written):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", text


def test_chinese_sentences_have_chinese_signs() -> None:
    found = list(texts())
    assert len(found) > 300
    # What is filled in before a bracket may be a function's name: `数(` is FEEL.
    wrong = [f"{where}: {text}" for where, text in found if NARROW.search(text.replace("数(", "x("))]
    assert not wrong, "\n".join(wrong)
