"""The pages of this room: address, view, permission."""

from __future__ import annotations

from admin.page import View
from admin.running import data, flow, listing, moving

PAGES: tuple[tuple[str, str, str, View, str], ...] = (
    ("GET", "/instances", "instances", listing.instances, "instance.read"),
    ("GET", "/processes/<key>/flow", "flow", flow.figures, "flow.read"),
    ("GET", "/processes/<key>/flow.csv", "flow_csv", flow.download, "flow.read"),
    ("POST", "/instances/<uuid:instance_id>/variables", "correct", data.correct, "instance.correct"),
    ("GET", "/processes/<key>/move", "move", moving.move, "definition.read"),
    ("POST", "/processes/<key>/move", "move_chosen", moving.move_chosen, "instance.migrate"),
    ("GET", "/migrations/<uuid:migration_id>", "migration", moving.migration, "instance.migrate"),
)
