"""The pages speak Chinese and English side by side, or one of them, as their reader has chosen."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import admin
from tests.admin.conftest import Website


def test_a_choice_of_language_holds_on_every_page_and_in_every_browser(website: Website) -> None:
    visitor = website.visitor("li_na")
    page = visitor.get("/queue").text
    assert 'lang="zh-CN"' in page and '第三方软件 <span class="en" lang="en">Licences</span>' in page

    answer = visitor.post("/account/language", {"language": "en", "back": "/queue?sort=due"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/queue?sort=due")
    page = visitor.get("/queue").text
    assert '<html lang="en" data-language="en">' in page and "第三方软件" not in page
    assert '<html lang="en" data-language="en">' in website.visitor("li_na").get("/account").text, (
        "kept with the account"
    )
    assert '<html lang="zh-CN" data-language="both">' in website.visitor("tang_wei").get("/account").text, (
        "and nobody else's"
    )

    visitor.post("/account/language", {"language": "zh"})
    page = visitor.get("/queue").text
    assert "第三方软件" in page and "Licences" not in page


def test_nobody_is_sent_elsewhere_and_no_other_language_is_kept(website: Website) -> None:
    visitor = website.visitor("li_na")
    for back in ("//evil.example/", "/\t/evil.example/", "/queue\r\nSet-Cookie: redress=x", "/queue\x7f"):
        elsewhere = visitor.post("/account/language", {"language": "zh", "back": back})
        assert (elsewhere.status_code, elsewhere.headers["Location"]) == (303, "/account")
    refused = visitor.post("/account/language", {"language": "<script>"})
    assert refused.status_code == 422 and "请选择中英对照" in refused.text


TEMPLATES = sorted((Path(admin.__file__).parent / "templates").rglob("*.html"))
SAID = re.compile(r"""\{#.*?#\}|\{\{(?:'[^']*'|"[^"]*"|.)*?\}\}|\{%.*?%\}""", re.DOTALL)
CHINESE = re.compile("[\u3400-\u9fff\u3000-\u303f\uff00-\uffef]")
OWN_ENGLISH = re.compile(r'<(\w+)[^<>]*(?:class="en"|lang="en")[^<>]*>([^<]*)</\1>')
WORDS = re.compile(r"[A-Za-z]{3,}")


def test_every_label_of_a_template_is_said_in_the_language_of_its_reader() -> None:
    """Neither Chinese nor English stands in a template where no choice of language can take it away."""
    raw = []
    for template in TEMPLATES:
        bare = SAID.sub(lambda piece: "\n" * piece[0].count("\n"), template.read_text(encoding="utf-8"))
        lines = [line.strip() for line in bare.splitlines() if CHINESE.search(line)]
        lines += [found[2] for found in OWN_ENGLISH.finditer(bare) if WORDS.search(found[2])]
        raw += [f"{template.name}: {line}" for line in lines]
    assert raw == []


def _said(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def test_every_sentence_that_a_page_flashes_is_said_in_the_language_of_its_reader() -> None:
    """What is flashed, or told as a problem, names no words of its own outside `plain`."""
    raw = []
    for source in sorted(Path(admin.__file__).parent.rglob("*.py")):
        for call in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            told = call.args[:1] if _said(call) == "flash" else []
            told += [each.value for each in call.keywords if each.arg == "problem"]
            raw += [
                f"{source.name}:{one.lineno}"
                for one in told
                if isinstance(one, ast.Constant | ast.JoinedStr) and ast.unparse(one) not in ("None", "''")
            ]
    assert raw == []


def test_scripts_say_nothing_in_one_language_alone() -> None:
    sources = Path(admin.__file__).parent / "frontend" / "src"
    raw = [
        f"{source.name}: {line.strip()}"
        for source in sorted(sources.glob("*.js"))
        for line in re.sub(
            r"\b(plain|brief)\((?:[^()]|\([^()]*\))*\)", "", source.read_text(encoding="utf-8")
        ).splitlines()
        if CHINESE.search(line)
    ]
    assert raw == []


def test_every_script_that_speaks_takes_its_words_from_the_one_module() -> None:
    """A name that is not imported is an error only once somebody opens the page."""
    sources = Path(admin.__file__).parent / "frontend" / "src"
    for source in sorted(sources.rglob("*.js")):
        text = source.read_text(encoding="utf-8")
        used = set(re.findall(r"(?<![\w.])(plain|brief)\(", text))
        taken = re.search(r"import \{ ([\w, ]+) \} from '(?:\.\.?/)+language\.js'", text)
        if source.name != "language.js":
            assert used == (set(taken[1].split(", ")) if taken else set()), source.name
