"""The messages a case waits for: who may send each, and the form that what it carries has to pass."""

from __future__ import annotations

STAFF, EXTERNAL = "staff", "external"
SENDERS = (STAFF, EXTERNAL)
"""What `message.from` may say; where it says nothing, both may send."""
