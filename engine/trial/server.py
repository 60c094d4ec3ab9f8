"""The clean process trials are forked from: started by exec, one thread, nothing open but its control socket.

Whoever wants a trial sends one message over the control socket: HEADER (seconds of wall time, of CPU time, megabytes of
memory) and, as ancillary data, one end of a socket pair. The server forks; the child reads the errand from that socket and
writes its answer to it. The server kills the child when its time is over, and says over the same socket how a child ended
that did not answer: `died` (deadline, memory or a signal) and `element`, where it was. Both directions: 4 bytes of length,
then JSON. It ends when every control socket is closed.
"""

from __future__ import annotations

import gc
import importlib
import mmap
import os
import resource
import select
import signal
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

HEADER = struct.Struct("!ddI")
LENGTH = struct.Struct("!I")
WORK = "engine.trial.errands:run"
"""What a child does, as module:function; it is handed the errand's data and a function that notes where it is."""

_OUT_OF_CPU = (signal.SIGPROF, signal.SIGXCPU)
_SPENT = 0.5
"""The share of its processor time after which a child that is out of time was working, not waiting for its turn."""
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)
"""What a process does to itself, such as native code that gets no more memory; other signals come from outside."""
_LOOK_SECONDS = 0.02
_PLACE_BYTES = 256
_MEGABYTE = 1 << 20


@dataclass(slots=True)
class Child:
    """A forked child: when it is over for it, how much of the processor it may have (seconds), where to say so, and the
    memory in which it notes where it is.
    """

    pid: int
    deadline: float
    cpu: float
    answer: socket.socket
    place: mmap.mmap
    killed: bool = False


def serve(control: socket.socket, work: str = WORK) -> None:
    """Fork a child for every message, until nobody can send one any more. The caller must have no threads."""
    module, _, function = work.partition(":")
    do = getattr(importlib.import_module(module), function)
    gc.collect()
    gc.freeze()  # the children share these pages: no collection of theirs touches them
    children: dict[int, Child] = {}
    while True:
        ready, _, _ = select.select([control], [], [], _LOOK_SECONDS if children else None)
        if ready:
            header, descriptors, _, _ = socket.recv_fds(control, HEADER.size, 1)
            if not header:
                break
            child = fork(control, header, descriptors, do, children)
            if child is not None:
                children[child.pid] = child
        look_after(children)
    for child in children.values():
        os.kill(child.pid, signal.SIGKILL)


def fork(
    control: socket.socket,
    header: bytes,
    descriptors: list[int],
    do: Callable[..., Any],
    others: dict[int, Child],
) -> Child | None:
    """Fork one child. Returns None where the message is broken or the system has no room for a process."""
    if len(descriptors) != 1:
        return None
    answer = socket.socket(fileno=descriptors[0])
    if len(header) != HEADER.size:
        answer.close()
        return None
    wall, cpu, megabytes = HEADER.unpack(header)
    place = mmap.mmap(-1, _PLACE_BYTES)
    deadline = time.monotonic() + wall
    try:
        pid = os.fork()
    except OSError as error:
        send(answer, {"unstarted": str(error)})
        answer.close()
        return None
    if pid:
        return Child(pid, deadline, cpu, answer, place)
    status = 1
    try:
        control.close()
        for other in others.values():
            other.answer.close()
        limit(wall, cpu, megabytes)
        send(answer, attempt(do, answer, place))
        status = 0
    finally:
        os._exit(status)


def limit(wall: float, cpu: float, megabytes: int) -> None:
    """Let the kernel end this process when it takes more: no code of its own has to be reached, and no server be alive."""
    for timer, most in ((signal.ITIMER_PROF, cpu), (signal.ITIMER_REAL, wall + 1)):
        signal.setitimer(timer, most)  # the default action of its signal ends the process
    for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
        resource.setrlimit(kind, (0, 0))
    seconds = int(cpu) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:  # not Linux: only time is bounded
        return
    most = pages * resource.getpagesize() + megabytes * _MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    with suppress(OSError):  # a machine that runs short of memory ends this first
        Path("/proc/self/oom_score_adj").write_text("1000")


def attempt(do: Callable[..., Any], answer: socket.socket, place: mmap.mmap) -> dict[str, Any]:
    """Do the work of one errand; whatever it raises is told as data."""

    def at(element: str) -> None:
        name = element.encode()[: _PLACE_BYTES - 1]
        place[: len(name) + 1] = name + b"\x00"

    try:
        errand = receive(answer)
        return {"answer": do(errand, at)}
    except MemoryError:
        return {"died": "memory", "element": element_at(place)}
    except RecursionError:
        return {"died": "recursion", "element": element_at(place)}
    except Exception as error:
        return {"raised": f"{type(error).__name__}: {str(error)[:300]}", "element": element_at(place)}


def look_after(children: dict[int, Child]) -> None:
    """Kill who is over time, and say how those ended that are gone."""
    now = time.monotonic()
    for child in list(children.values()):
        if now >= child.deadline and not child.killed:
            os.kill(child.pid, signal.SIGKILL)
            child.killed = True
        pid, status, used = os.wait4(child.pid, 0 if child.killed else os.WNOHANG)
        if not pid:
            continue
        del children[child.pid]
        code = os.waitstatus_to_exitcode(status)
        if code:
            child.answer.setblocking(False)  # whoever does not listen makes nobody else wait
            spent = used.ru_utime + used.ru_stime >= child.cpu * _SPENT
            send(child.answer, {**ended(code, child.killed, spent), "element": element_at(child.place)})
        child.answer.close()
        child.place.close()


def ended(code: int, killed: bool, spent: bool) -> dict[str, str]:
    """Say how a child ended that did not answer. code: its status, or minus the signal; killed: by the server; spent: it
    had the processor for as long as it may. One that was out of time without that says nothing of the drawing: the machine
    was busy.
    """
    if -code in _OUT_OF_CPU:
        return {"died": "deadline"}
    if killed or -code == signal.SIGALRM:
        return {"died": "deadline" if spent else "starved"}
    if code > 0 or -code in _CRASHES:
        return {"raised": f"its process broke, {'status' if code > 0 else 'signal'} {abs(code)}"}
    return {"died": f"signal {-code}"}


def element_at(place: mmap.mmap) -> str:
    """Return the last element a child noted."""
    return bytes(place[:_PLACE_BYTES]).split(b"\x00", 1)[0].decode("utf-8", "ignore")


def send(to: socket.socket, data: Any) -> None:
    """Write one message; whoever is not there any more does not get it."""
    written = orjson.dumps(data)
    try:
        to.sendall(LENGTH.pack(len(written)) + written)
    except OSError:
        pass


def receive(source: socket.socket, most: int = (1 << 32) - 1) -> Any:
    """Read one message of at most so many bytes. Raises EOFError where the other side ended before, ValueError."""
    (length,) = LENGTH.unpack(exactly(source, LENGTH.size))
    if length > most:
        raise ValueError(f"a message of {length} bytes is longer than {most}")
    return orjson.loads(exactly(source, length))


def exactly(source: socket.socket, count: int) -> bytes:
    """Read so many bytes. Raises EOFError, and TimeoutError after the socket's time."""
    found = bytearray()
    while len(found) < count:
        part = source.recv(min(count - len(found), _MEGABYTE))
        if not part:
            raise EOFError("the other side has ended")
        found += part
    return bytes(found)
