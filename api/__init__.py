"""JSON over HTTP. Each file is its schemas, then its views; `edge.py` alone commits; `errors.py` alone knows
statuses.

Entry point: `register_api(app, deps)`.
"""

from api.app import register_api

__all__ = ["register_api"]
