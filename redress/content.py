"""How the office's content gets into the database.

A content folder is shaped like `bpmn/`: diagrams, decision tables and forms in whatever sub-folders, an
`organisation/` folder beside them with organisation.yaml, roles.csv, clocks.csv, next_task.csv and
oidc_groups.csv.
"""

from __future__ import annotations

import csv
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.orm import Session

from engine.actor import SYSTEM
from engine.dialect import SourceFile
from engine.dialect.files import ARCHIVES
from engine.dialect.safe_xml import MAX_BYTES as LARGEST
from engine.errors import InvalidInput
from redress.places import packaged
from tasks.classification.loading import load_lists
from tasks.clauses.keeping import load_register
from tasks.deadlines.calendar.loading import load_workdays
from tasks.deadlines.policies.loading import load_policies
from tasks.deps import Deps
from tasks.letters.versions import load_templates
from tasks.lists.weights import load_weights
from tasks.organisation.assigning.roles import load_roles
from tasks.organisation.changing.loading import load_organisation
from tasks.people.oidc.groups import load_groups
from tasks.people.passwords import Passwords
from tasks.processes.deployments import brought_before, deploy_as

CLAUSES = "clauses.yaml"
CONTENT = "content"
"""What the deployments that a start makes name as their source."""
DEPLOYABLE = (".bpmn", ".bpmn2", ".bpmn20.xml", ".dmn", ".form", *ARCHIVES)
"""Endings of what is taken from a folder; a file that is named itself is taken whatever it is called."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading changed: nothing, when the database already held it."""

    new_versions: tuple[str, ...]
    """Keys of the processes that got a new version."""
    organisation: int
    """Rows of units, people, posts and roles that changed."""
    policies: int
    """Rows of the clock register that changed."""
    letters: int = 0
    """Templates of letters that got a new version."""


def source_files(paths: Sequence[Path]) -> list[SourceFile]:
    """Read the deployable files among `paths`; a folder stands for every one below it.

    A file keeps its path below the folder it was found in as its name; two of one name get their folders in front.
    Raises InvalidInput naming what does not exist, cannot be read or is too large, and when nothing deployable is found.
    """
    found: dict[str, Path] = {}
    for path in paths:
        if not path.exists():
            raise InvalidInput(f"Cannot deploy {path}: there is no such file or folder.")
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.name.lower().endswith(DEPLOYABLE) and file.is_file():
                    _add(found, file.relative_to(path).as_posix(), file)
        else:
            _add(found, path.name, path)
    if not found:
        raise InvalidInput(f"Cannot deploy {', '.join(map(str, paths))}: no .bpmn, .dmn or .form file there.")
    return [SourceFile(name, _content(file)) for name, file in found.items()]


def _add(found: dict[str, Path], name: str, file: Path) -> None:
    before = found.get(name, file)
    if before.resolve() == file.resolve():
        found[name] = file
    else:
        found[f"{file.resolve().parent.name}/{name}"] = file


def _content(file: Path) -> bytes:
    try:
        size = file.stat().st_size
        if size > LARGEST:
            raise InvalidInput(f"Cannot deploy {file}: it has {size} bytes; at most {LARGEST} are taken.")
        with file.open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError as error:
        raise InvalidInput(f"Cannot deploy {file}: {error.strerror or error}.") from error


def load(session: Session, deps: Deps, folder: Path) -> Loaded:
    """Bring the database in line with a content folder: clauses, classification, clocks, organisation, then one
    deployment of everything else.

    Idempotent: a second load of the same folder changes nothing. Raises DeploymentRefused with all
    findings. Does not commit.
    """
    place = folder / "organisation"
    now = deps.clock.now()
    load_workdays(session, workdays(folder), now=now)
    rulebook = folder / CLAUSES
    if rulebook.exists():
        load_register(session, rulebook.read_text(encoding="utf-8"), now=now)
    load_lists(session, classification(folder), now=now)
    clocks = register_rows(folder)
    policies = load_policies(session, clocks, now=now) if clocks else 0
    load_weights(session, _rows(place / "next_task.csv"))
    organisation = load_roles(session, _rows(place / "roles.csv"))
    organisation += load_organisation(
        session,
        organisation_data(folder),
        now=now,
        passwords=_HashedOnce(),
        password=deps.settings.demo_password,
        source=_digest(place / "organisation.yaml"),
    )
    load_groups(session, _rows(place / "oidc_groups.csv"))
    files = source_files([folder])
    fresh: tuple[str, ...] = ()
    # Only what has changed in the folder since it was loaded last: what process owners have deployed or made current since
    # then is theirs.
    if not brought_before(session, files, CONTENT):
        receipt = deploy_as(
            session, deps, SYSTEM, files, name=folder.name, note="启动时载入 loaded at start", source=CONTENT
        )
        fresh = tuple(definition.key for definition in receipt.definitions if definition.is_new)
    letters = load_templates(session, letter_templates(folder), now=now)
    return Loaded(fresh, organisation, policies, letters)


class _HashedOnce(Passwords):
    """Everybody of the demo has the same password, known to all: one expensive hash serves for all of them."""

    def __init__(self) -> None:
        super().__init__()
        self._hashes: dict[str, str] = {}

    def hash(self, password: str) -> str:
        if password not in self._hashes:
            self._hashes[password] = super().hash(password)
        return self._hashes[password]


def _digest(path: Path) -> bytes | None:
    return sha256(path.read_bytes()).digest() if path.exists() else None


def organisation_data(folder: Path) -> dict[str, Any]:
    """The units and people of a content folder; empty when it has none."""
    try:
        text = (folder / "organisation" / "organisation.yaml").read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    try:
        data = yaml.load(text, Loader=_Lines)
    except yaml.YAMLError as error:
        raise InvalidInput(f"{folder}/organisation/organisation.yaml is not YAML: {error}") from error
    if not isinstance(data, dict):
        raise InvalidInput(
            f"{folder}/organisation/organisation.yaml must hold units and people, not {type(data).__name__}."
        )
    return data


class _Entry(dict[Any, Any]):
    """A mapping that remembers the line it begins in, so that mistakes can name it."""

    line: int


class _Lines(yaml.SafeLoader):
    """Plain data only, with lines."""

    def construct_yaml_map(self, node: yaml.MappingNode) -> Generator[dict[Any, Any], None, None]:
        made = _Entry()
        made.line = node.start_mark.line + 1
        yield made
        made.update(self.construct_mapping(node))


_Lines.add_constructor("tag:yaml.org,2002:map", _Lines.construct_yaml_map)


def classification(folder: Path) -> dict[str, str]:
    """The lists of the classification of a content folder, by name."""
    return {
        file.stem: file.read_text(encoding="utf-8-sig")
        for file in sorted((folder / "classification").glob("*.csv"))
    }


def register_rows(folder: Path) -> list[dict[str, str]]:
    """The rows of the clock register of a content folder; none when it has none."""
    return _rows(folder / "organisation" / "clocks.csv")


def role_names(folder: Path) -> set[str]:
    """Every name of a candidate role of a content folder, and those its posts, units and people answer; none without any."""
    names = {
        name.strip()
        for row in _rows(folder / "organisation" / "roles.csv")
        for name in (row["key"], row["name_zh"], row["name_en"], *(row.get("aliases") or "").split(";"))
        if name and name.strip()
    }
    data = organisation_data(folder) if names else {}
    answering = [
        one for part in data.values() if isinstance(part, list) for one in part if isinstance(one, dict)
    ]
    return names | {str(role) for one in answering for role in one.get("roles") or ()}


def letter_templates(folder: Path) -> dict[str, str]:
    """The letter templates of a content folder, `letters/<key>.md`, by key. Raises InvalidInput for one that is no text."""
    found = {}
    for path in sorted((folder / "letters").glob("*.md")):
        try:
            found[path.stem] = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise InvalidInput(f"{path} is not text in UTF-8: {error}.") from error
    return found


def workdays(folder: Path) -> list[dict[str, str]]:
    """The days of a content folder's working calendar, or of the shipped one: the nation's days do not depend on whose
    content it is.
    """
    own = folder / "organisation" / "workdays.csv"
    return _rows(own if own.exists() else packaged("bpmn") / "organisation" / "workdays.csv")


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))
