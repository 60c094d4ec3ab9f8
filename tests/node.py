"""Packages of npm that tests run as real processes, with the project's own Node."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import fasteners

from hatch_build import find_node


def install(folder: Path) -> str:
    """Have exactly what the lock file of a folder names in it; returns the Node program.

    Does nothing when it is there already. Several processes may ask at once.
    """
    node, npm = find_node()
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".stamp"
    with fasteners.InterProcessLock(folder / ".install.lock"):
        if not stamp.exists() or stamp.read_text() != wanted:
            path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
            done = subprocess.run(
                [*npm, "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"],
                cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode != 0:
                raise RuntimeError(f"npm could not fetch {folder.name}:\n{done.stdout}\n{done.stderr}")
            stamp.write_text(wanted)
    return node
