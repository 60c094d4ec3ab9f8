"""A child process that does not outlive its supervisor, not even one that was killed outright."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Mapping

PARENT = "REDRESS_PARENT"
_PR_SET_PDEATHSIG = 1
_LOOK_EVERY_SECONDS = 1.0


def tie_to_parent(environ: Mapping[str, str] = os.environ) -> None:
    """Ask to be told to stop (SIGTERM) when the supervisor named in REDRESS_PARENT is gone; without one, do
    nothing.

    Linux does it in the kernel; elsewhere a thread looks once a second whether we have been adopted.
    """
    if not (parent := environ.get(PARENT)):
        return
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    else:
        threading.Thread(target=_watch, args=(int(parent),), daemon=True).start()
    if os.getppid() != int(parent):  # it died between starting us and the call above
        raise SystemExit(1)


def _watch(parent: int) -> None:
    stay = threading.Event()
    while not stay.wait(_LOOK_EVERY_SECONDS):
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
            return
