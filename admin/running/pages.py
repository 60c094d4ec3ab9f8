"""The pages of this room: address, view, permission."""

from __future__ import annotations

from admin.page import View
from admin.running import moving

PAGES: tuple[tuple[str, str, str, View, str], ...] = (
    ("GET", "/processes/<key>/move", "move", moving.move, "definition.read"),
    ("POST", "/processes/<key>/move", "move_chosen", moving.move_chosen, "instance.migrate"),
    ("GET", "/migrations/<uuid:migration_id>", "migration", moving.migration, "instance.migrate"),
)
