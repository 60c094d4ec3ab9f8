"""What of BPMN the engine runs, from the tables of the gate, so that editors offer nothing else."""

from __future__ import annotations

from typing import Any

from engine.dialect.tables.elements import EVENT_DEFINITIONS, FLOW_NODES, POSITIONS, SUPPORTED_EVENTS


def supported() -> dict[str, Any]:
    """elements: local name → whether it runs, its words, and what to draw instead; definitions: event definition → kind;
    events: position → the kinds that run there.
    """
    return {
        "elements": {
            name: {
                "runs": rule.runs,
                "name": rule.zh,
                "name_en": rule.en,
                "instead": rule.refused_zh,
                "instead_en": rule.refused_en,
            }
            for name, rule in FLOW_NODES.items()
        },
        "definitions": {name: kind for name, (kind, _, _) in EVENT_DEFINITIONS.items()},
        "kinds": [{"key": kind, "name": zh, "name_en": en} for kind, en, zh in EVENT_DEFINITIONS.values()],
        "positions": [{"key": key, "name": zh, "name_en": en} for key, (en, zh) in POSITIONS.items()],
        "events": {position: sorted(kinds) for position, kinds in SUPPORTED_EVENTS.items()},
    }
