"""The production web server: gunicorn with threads, the application built once and shared by its workers."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from redress.settings import Settings

_KEEP_ALIVE_SECONDS = 75  # longer than the usual proxy's 60, so that the proxy is the one that hangs up
_GRACE_SECONDS = 15


class WebServer(BaseApplication):  # type: ignore[misc]
    """Serve `build()` on one address, `host:port` or `fd://` and the number of a listening socket, until told to
    stop.

    `after_fork` is called in each worker process: what was opened before the fork (a pool of connections)
    must not be shared.
    """

    def __init__(
        self,
        settings: Settings,
        build: Callable[[], Any],
        *,
        address: str,
        after_fork: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._build = build
        self._address = address
        self._after_fork = after_fork
        super().__init__()

    def load_config(self) -> None:
        for name, value in {
            "bind": [self._address],
            "workers": self._settings.web_workers,
            "threads": self._settings.web_threads,
            "worker_class": "gthread",
            "preload_app": True,
            "keepalive": _KEEP_ALIVE_SECONDS,
            "graceful_timeout": _GRACE_SECONDS,
            "timeout": 60,
            "loglevel": "warning" if self._settings.log_level == "info" else self._settings.log_level,
            "proc_name": "redress-web",
            "control_socket_disable": True,
            "post_fork": lambda _server, _worker: self._forked(),
        }.items():
            self.cfg.set(name, value)

    def _forked(self) -> None:
        # A request makes thousands of objects and few cycles: look for those every few requests, not all the time.
        gc.set_threshold(20_000, 20, 50)
        # A request computes for some milliseconds between two waits: taking the interpreter away in the middle of that
        # only makes the threads of a worker trip over each other.
        sys.setswitchinterval(0.02)
        self._after_fork()

    def load(self) -> Any:
        application = self._build()
        # The workers share it: none of their collections looks through it again, or copies its pages.
        gc.collect()
        gc.freeze()
        return application
