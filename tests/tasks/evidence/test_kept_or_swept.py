"""A process that dies between the file and the commit leaves a file without a row, and the sweep takes it away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tasks.evidence import store
from tasks.evidence.cabinet import Cabinet
from tasks.evidence.tables import Attachment
from tests.redress.running import REPOSITORY

DIES = """
import io, os, signal, sys, uuid
from pathlib import Path
import sqlalchemy as sa
from engine.clock import SystemClock
from engine.db import open_database
from tasks.evidence import store
from tasks.evidence.cabinet import Cabinet
from tasks.evidence.tables import Attachment
url, folder = sys.argv[1:]
with open_database(url)() as session:
    one = uuid.uuid4()
    session.execute(sa.insert(Attachment).values(
        id=one, kind="photo", name="a", media_type="image/png", size=3, sha256=b"x", uploaded_sha256=b"x", store="disk",
        notes={}, uploaded_by=one, uploaded_by_name="x", uploaded_at=SystemClock().now()))
    store.keep(session, Cabinet(store="disk", folder=Path(folder)), one, io.BytesIO(b"abc"))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.crash
def test_a_killed_upload_leaves_no_row_and_its_file_is_swept(
    office: Any, database_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "attachments"
    died = subprocess.run(
        [sys.executable, "-c", DIES, database_url, str(folder)],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert office.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 0
    (orphan,) = kept(folder)
    assert orphan.read_bytes() == b"abc" and orphan.stat().st_mode & 0o077 == 0
    cabinet, now = Cabinet(store="disk", folder=folder), office.clock.now()
    for age, left in ((timedelta(minutes=59), 1), (timedelta(minutes=61), 0)):
        os.utime(orphan, ((now - age).timestamp(),) * 2)
        with office.deps.sessions() as session:
            assert store.sweep(session, cabinet, now) == 1 - left
        assert len(kept(folder)) == left
