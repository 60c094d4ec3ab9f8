"""What the installation's scanner says counts, and without its word nothing is taken."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from tasks.evidence.cabinet import Cabinet
from tasks.evidence.receiving import examined
from tasks.evidence.refusals import PaperRefused, ScanFailed
from tasks.evidence.scan import Scanner
from tests.tasks.evidence import files


def scanner(code: str, seconds: float = 20) -> Cabinet:
    return Cabinet(scanner=Scanner(f"{sys.executable} -c '{code}'", seconds))


def take(cabinet: Cabinet, content: bytes = files.pdf(b"EICAR")) -> None:
    with examined(cabinet, io.BytesIO(content), name="a.pdf", kind="document") as paper:
        assert paper.file.read() == content


def test_the_scanner_gets_the_whole_file_and_decides() -> None:
    looks = scanner('import sys; sys.exit(b"EICAR" in sys.stdin.buffer.read())')
    with pytest.raises(PaperRefused, match="something harmful"):
        take(looks)
    take(looks, files.pdf(b"x"))


def test_a_scanner_that_fails_hangs_or_is_missing_lets_nothing_pass(tmp_path: Path) -> None:
    with pytest.raises(ScanFailed, match="ended with the code 2"):
        take(scanner("raise SystemExit(2)"))
    with pytest.raises(ScanFailed, match="could not be started"):
        take(Cabinet(scanner=Scanner("/no/such/scanner")))
    with pytest.raises(ScanFailed, match="could not be started"):
        take(Cabinet(scanner=Scanner('"unfinished')))
    written = tmp_path / "child"
    hangs = f'import os,signal;open("{written}","w").write(str(os.getpid()));signal.pause()'
    with pytest.raises(ScanFailed, match="did not finish within 2 seconds"):
        take(scanner(hangs, 2))
    with pytest.raises(ProcessLookupError):
        os.kill(int(written.read_text()), 0)


def test_the_scanner_learns_no_secret_and_its_words_are_no_shell(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    take(scanner('import os,sys; sys.exit("DATABASE_URL" in os.environ)'))
    take(Cabinet(scanner=Scanner(f"true ; touch {tmp_path}/made")))
    assert not (tmp_path / "made").exists()
