"""How a paper leaves the site, whoever hands it out: as data, for the layers that speak HTTP."""

from __future__ import annotations

from collections.abc import Mapping

SHUT_IN: Mapping[str, str] = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""Headers of a download of somebody else's file: it never runs as a page of this site, is never taken for another kind of
file than it says, and no cache keeps it.
"""
