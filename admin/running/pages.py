"""The pages of this room: address, view, permission."""

from __future__ import annotations

from admin.page import View

PAGES: tuple[tuple[str, str, str, View, str], ...] = ()
