"""Where things that are not Python lie: beside the code in a checkout, inside the package in an installed
wheel.
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent
CHECKOUT = _HERE.parent if (_HERE.parent / "pyproject.toml").exists() else None
"""The root of the checkout this code runs from, or None for an installed wheel."""


def packaged(name: str) -> Path:
    """The folder `name` (bpmn, migrations): the checkout's own when there is one, else the copy in the
    wheel.
    """
    return CHECKOUT / name if CHECKOUT else _HERE / "packaged" / name
