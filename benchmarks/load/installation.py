"""A production installation for one measurement: embedded PostgreSQL, web server with two workers, job
worker.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.load.meters import Meters
from redress import runfile
from redress.database import NAME
from redress.postgres import EmbeddedPostgres

_PATIENCE_SECONDS = 180


class Production:
    """`redress run` in a temporary folder; a context manager that leaves nothing behind."""

    def __init__(self, **environment: str) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="redress-bench-"))
        self._environment = {
            **os.environ,
            **environment,
            "REDRESS_HOME": str(self.home),
            "REDRESS_WEB_WORKERS": "2",
        }
        self._environment.pop("DATABASE_URL", None)
        self.server = EmbeddedPostgres(self.home / "pg")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Production:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "redress", "run"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        until = time.monotonic() + _PATIENCE_SECONDS
        while runfile.read(self.home) is None:
            if self._process.poll() is not None or time.monotonic() > until:
                raise SystemExit("the server to be measured did not start; try `redress run`")
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(60)
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def url(self) -> str:
        instance = runfile.read(self.home)
        assert instance is not None
        return instance.url

    @property
    def database_url(self) -> str:
        return self.server.url(NAME)

    def meters(self) -> Meters:
        """The meters of this installation's processes."""
        assert self._process is not None
        by_name = {
            name: child.pid
            for child in psutil.Process(self._process.pid).children()
            for name in ("web", "worker")
            if name in child.cmdline()
        }
        return Meters(
            self.database_url, web=by_name["web"], jobs=by_name["worker"], database=self.server.pid() or 0
        )
