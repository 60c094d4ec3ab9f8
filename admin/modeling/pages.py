"""The pages of this room: address, view, permission."""

from __future__ import annotations

from admin.modeling import comparing, content, desktop, draft, editing, files, listing, trying, vocabulary
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
    ("GET", "/modeling/desktop", "desktop_modeler", desktop.settings, "process_draft.read"),
    ("GET", "/modeling/desktop/templates", "element_templates", desktop.templates, "process_draft.read"),
    ("GET", "/modeling/vocabulary", "vocabulary", vocabulary.vocabulary, "process_draft.read"),
    ("GET", f"{_DRAFT}/vocabulary", "process_vocabulary", vocabulary.vocabulary, "process_draft.read"),
    ("POST", f"{_DRAFT}/decide", "try_process_decision", trying.decide, "process_draft.read"),
    ("POST", f"{_DRAFT}/try-form", "try_process_form", trying.fill_in, "process_draft.read"),
    ("POST", f"{_DRAFT}/beside", "file_beside", content.beside, "process_draft.keep"),
    ("POST", f"{_DRAFT}/check", "check_process_draft", content.check, "process_draft.read"),
    ("POST", f"{_DRAFT}/drop", "drop_process_draft", draft.drop, "process_draft.drop"),
    ("POST", f"{_DRAFT}/rename", "rename_process_draft", draft.rename, "process_draft.keep"),
    ("POST", f"{_DRAFT}/duplicate", "duplicate_process_draft", draft.duplicate, "process_draft.keep"),
    ("POST", f"{_DRAFT}/files", "add_process_file", files.add, "process_draft.keep"),
    ("GET", f"{_DRAFT}/files/<path:name>", "download_process_file", files.download, "process_draft.read"),
    ("GET", f"{_DRAFT}/archive", "download_process_draft", files.archive, "process_draft.read"),
    ("POST", f"{_DRAFT}/take-back", "take_back_process_file", files.take_back, "process_draft.keep"),
    ("POST", f"{_DRAFT}/remove", "remove_process_file", files.remove, "process_draft.keep"),
    ("POST", f"{_DRAFT}/findings", "look_at_process_draft", draft.check, "process_draft.read"),
    ("POST", f"{_DRAFT}/deploy", "deploy_process_draft", draft.deploy, "deployment.create"),
    ("POST", f"{_DRAFT}/submit", "submit_process_draft", draft.submit, "process_draft.submit"),
    ("POST", f"{_DRAFT}/withdraw", "withdraw_process_draft", draft.withdraw, "process_draft.submit"),
    ("POST", f"{_DRAFT}/approve", "approve_process_draft", draft.approve, "process_draft.decide"),
    ("POST", f"{_DRAFT}/reject", "reject_process_draft", draft.reject, "process_draft.decide"),
    ("GET", f"{_DRAFT}/compare", "compare_process_draft", comparing.compare_draft, "process_draft.read"),
    ("GET", "/processes/<key>/compare", "compare_versions", comparing.compare, "definition.read"),
    ("POST", "/processes/<key>/current", "choose_version", comparing.choose, "definition.choose"),
    ("POST", "/processes/<key>/callers", "update_callers", comparing.follow, "definition.choose"),
    ("POST", "/processes/<key>/retire", "retire_process", comparing.retire, "definition.retire"),
    ("POST", "/processes/<key>/restore", "restore_process", comparing.restore, "definition.retire"),
)
