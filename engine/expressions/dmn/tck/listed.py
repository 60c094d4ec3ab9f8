"""The cases of the kit that are known not to pass, each with its reason: `listed.toml` beside this file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Listed:
    """reasons: by (folder, id of the case)."""

    reasons: dict[tuple[str, str], str]

    def reason(self, folder: str, case: str) -> str:
        """Why a case is listed; empty when it is not."""
        return self.reasons.get((folder, case), "")


def read_listed(text: str | None = None) -> Listed:
    """The list that comes with this package, or one given as the text of a TOML file."""
    if text is None:
        text = files(__package__).joinpath("listed.toml").read_text(encoding="utf-8")
    reasons = {
        (group["folder"], case): group["reason"]
        for group in tomllib.loads(text).get("group", ())
        for case in group["cases"]
    }
    return Listed(reasons)
