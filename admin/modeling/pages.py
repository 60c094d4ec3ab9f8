"""The pages of this room: address, view, permission."""

from __future__ import annotations

from admin.modeling import content, draft, editing, listing, trying, vocabulary
from admin.page import View

_DRAFT = "/modeling/<uuid:draft_id>"

PAGES: tuple[tuple[str, str, str, View, str], ...] = (
    ("GET", "/modeling", "process_drafts", listing.drafts, "process_draft.read"),
    ("POST", "/modeling", "new_process_draft", listing.new, "process_draft.keep"),
    ("GET", _DRAFT, "process_draft", draft.draft, "process_draft.read"),
    ("GET", f"{_DRAFT}/edit/<path:name>", "edit_process_file", editing.edit, "process_draft.keep"),
    ("GET", f"{_DRAFT}/content/<path:name>", "process_file", content.content, "process_draft.read"),
    ("POST", f"{_DRAFT}/content/<path:name>", "save_process_file", content.save, "process_draft.keep"),
    ("POST", f"{_DRAFT}/content/<path:name>/drop", "drop_process_file", content.drop, "process_draft.keep"),
    ("POST", f"{_DRAFT}/copy", "copy_process_draft", content.copy, "process_draft.keep"),
    ("GET", "/modeling/vocabulary", "vocabulary", vocabulary.vocabulary, "process_draft.read"),
    ("GET", f"{_DRAFT}/vocabulary", "process_vocabulary", vocabulary.vocabulary, "process_draft.read"),
    ("POST", f"{_DRAFT}/decide", "try_process_decision", trying.decide, "process_draft.read"),
    ("POST", f"{_DRAFT}/try-form", "try_process_form", trying.fill_in, "process_draft.read"),
    ("POST", f"{_DRAFT}/check", "check_process_draft", content.check, "process_draft.read"),
    ("POST", f"{_DRAFT}/drop", "drop_process_draft", draft.drop, "process_draft.drop"),
)
