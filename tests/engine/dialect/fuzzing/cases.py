"""One case of the fuzzing: a seed decides which file is taken and how it is damaged."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from random import Random

from engine.dialect import SourceFile
from tests.engine.diagrams import process
from tests.engine.dialect.fuzzing.mutating import mutated

CONTENT = Path(__file__).parents[4] / "bpmn"
DRAWN = (
    process("p", "start s", "user a", "xor g", "user b", "end e", "end f", "s -> a -> g", "g -> b : =x > 1",
            "default g -> e", "b -> f"),
    process("q", "start s", "and g", "user a", "script b | x = 1;y = x + 1", "and j", "end e", "s -> g -> a -> j",
            "g -> b -> j", "j -> e"),
    process("r", "start s", "sub inner {", "start i", "user a", "end z error=boom", "i -> a -> z", "}",
            "boundary broken at=inner error=boom", "user b", "end e", "s -> inner -> e", "broken -> b -> e"),
    process("t", "start s", "user each each=xs as=x", "boundary late at=each timeDuration=PT1H only_listens=true",
            "end e", "catch c timeDate=2026-03-02T09:00:00Z", "receive m message=ping", "s -> each -> c -> m -> e",
            "late -> e"),
    process("u", "start s", "events g", "catch a message=one", "catch b timeDuration=PT2H", "call d calledElement=u2",
            "or o", "service w camunda:operation=send_notice", "end e terminate=1", "s -> g", "g -> a -> d -> o", "g -> b -> w -> o",
            "o -> e"),
)  # fmt: skip


def sources() -> list[SourceFile]:
    """Return the files that are damaged: drawn for it, the office's, and those of the folder REDRESS_CORPUS."""
    found = [*DRAWN, *(SourceFile(p.name, p.read_bytes()) for p in sorted(CONTENT.rglob("*.bpmn")))]
    found += [SourceFile(p.name, p.read_bytes()) for p in sorted(CONTENT.rglob("*.dmn"))]
    folder = os.environ.get("REDRESS_CORPUS")
    if folder:
        kept = (".bpmn", ".bpmn2", ".xml", ".dmn")
        found += [
            SourceFile(p.name, p.read_bytes())
            for p in sorted(Path(folder).rglob("*"))
            if p.suffix in kept and p.stat().st_size < 300_000
        ]
    return found


def case(seed: int, files: Sequence[SourceFile]) -> list[SourceFile]:
    """Return the damaged upload of a seed: usually one file, sometimes two that meet."""
    random = Random(seed)
    count = 2 if random.random() < 0.1 else 1
    chosen = random.sample(range(len(files)), count)
    return [SourceFile(files[one].name, mutated(files[one].content, random)) for one in chosen]
