"""All pages on one page: address, view, permission. `create_blueprint` makes the Flask blueprint of it."""

from __future__ import annotations

import hashlib
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from flask import Blueprint, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException

from admin import (
    access,
    account,
    audit,
    authority,
    binding,
    cases,
    classification,
    clauses,
    delivery,
    deployed,
    errors,
    identities,
    instances,
    letters,
    linked,
    organisation,
    papers,
    permissions,
    pictures,
    processes,
    security,
    sign_in,
    single_sign_on,
    talk,
)
from admin.deadlines import calendar, clocks, outcomes, policies, supervision
from admin.modeling import pages as modeling
from admin.page import View, handled, home
from admin.people import absences, duty
from admin.running import pages as running
from admin.show.filters import FILTERS
from admin.show.language import both, brief, plain, spoken, tag, terse
from admin.work import acting, bulk, drafts, following, lists, saved, task
from engine.errors import RedressError
from tasks.deps import Deps

HERE = Path(__file__).parent

_DESK_AND_OFFICE: tuple[tuple[str, str, str, View, str], ...] = (
    ("GET", "/", "home", home, "self.read"),
    ("GET", "/permissions", "permissions", permissions.permissions, "self.read"),
    ("GET", "/inbox", "inbox", lists.view("inbox"), "task.read"),
    ("GET", "/queue", "queue", lists.view("queue"), "task.read"),
    ("GET", "/warned", "warned", lists.view("warned"), "task.read"),
    ("GET", "/overdue", "overdue", lists.view("overdue"), "task.read"),
    ("GET", "/delegated", "delegated", lists.view("delegated"), "task.read"),
    ("GET", "/put-off", "asleep", lists.view("asleep"), "task.read"),
    ("GET", "/team", "team", lists.view("team"), "team.read"),
    ("GET", "/archive", "archive", lists.view("archive"), "task.read"),
    ("POST", "/filters", "save_filter", saved.save_filter, "filter.save"),
    ("POST", "/filters/<uuid:filter_id>", "change_filter", saved.change_filter, "filter.change"),
    ("POST", "/filters/<uuid:filter_id>/drop", "drop_filter", saved.drop_filter, "filter.drop"),
    ("POST", "/tasks/claim", "claim_many", bulk.claim_many, "task.claim"),
    ("POST", "/tasks/release", "release_many", bulk.release_many, "task.release"),
    ("POST", "/tasks/delegate", "delegate_many", bulk.delegate_many, "task.delegate"),
    ("POST", "/tasks/recall", "recall_many", bulk.recall_many, "task.recall"),
    ("POST", "/tasks/follow-up", "follow_up_many", bulk.follow_up_many, "task.follow_up"),
    ("POST", "/tasks/prioritise", "prioritise_many", bulk.prioritise_many, "task.prioritise"),
    ("POST", "/tasks/reassign", "reassign_many", bulk.reassign_many, "task.reassign"),
    ("POST", "/tasks/colleagues", "colleagues", bulk.colleagues, "task.read"),
    ("POST", "/queue/next", "claim_next", lists.claim_next, "task.claim"),
    ("GET", "/tasks/<uuid:task_id>", "task", task.task, "task.read"),
    ("GET", "/tasks/<uuid:task_id>/path", "path", task.path, "task.read"),
    ("POST", "/tasks/<uuid:task_id>/claim", "claim", acting.claim, "task.claim"),
    ("POST", "/tasks/<uuid:task_id>/release", "release", acting.release, "task.release"),
    ("POST", "/tasks/<uuid:task_id>/delegate", "delegate", acting.delegate, "task.delegate"),
    ("POST", "/tasks/<uuid:task_id>/resolve", "resolve", acting.resolve, "task.resolve"),
    ("POST", "/tasks/<uuid:task_id>/recall", "recall", acting.recall, "task.recall"),
    ("POST", "/tasks/<uuid:task_id>/reassign", "reassign", acting.reassign, "task.reassign"),
    ("POST", "/tasks/<uuid:task_id>/prioritise", "prioritise", acting.prioritise, "task.prioritise"),
    ("POST", "/tasks/<uuid:task_id>/follow-up", "follow_up", acting.follow_up, "task.follow_up"),
    ("POST", "/tasks/<uuid:task_id>/draft", "save_draft", drafts.save_draft, "task.draft"),
    ("POST", "/tasks/<uuid:task_id>/draft/drop", "drop_draft", drafts.drop_draft, "task.draft"),
    ("POST", "/tasks/<uuid:task_id>/complete", "complete", acting.complete, "task.complete"),
    ("POST", "/account/next", "open_next", following.choose, "self.manage"),
    ("GET", "/cases", "cases", cases.cases, "case.read"),
    ("GET", "/cases/<number>", "case", cases.case, "case.read"),
    ("GET", "/cases/<number>/evidence", "evidence", linked.evidence, "evidence.read"),
    ("GET", "/cases/<number>/original", "original", linked.original, "case.read"),
    ("GET", "/cases/<number>/message", "message_form", cases.message_form, "message.send"),
    ("POST", "/cases/<number>/messages", "send", cases.send, "message.send"),
    ("GET", "/cases/<number>/comments", "case_comments", talk.case_comments, "comment.read"),
    ("POST", "/cases/<number>/comments", "comment_case", talk.comment_case, "comment.add"),
    ("GET", "/tasks/<uuid:task_id>/comments", "task_comments", talk.task_comments, "comment.read"),
    ("POST", "/tasks/<uuid:task_id>/comments", "comment_task", talk.comment_task, "comment.add"),
    ("GET", "/notices", "notices", talk.told, "notice.read"),
    ("GET", "/notices/count", "bell", talk.bell, "notice.read"),
    ("POST", "/notices/read", "read_notices", talk.read_notices, "notice.read"),
    ("POST", "/notices/<uuid:notice_id>/open", "open_notice", talk.open_notice, "notice.read"),
    ("GET", "/attachments/<uuid:attachment_id>/content", "paper", papers.content, "attachment.read"),
    ("GET", "/letters/<uuid:letter_id>", "letter", letters.letter, "attachment.read"),
    ("GET", "/letter-templates", "letter_templates", letters.templates, "letter_template.read"),
    ("POST", "/letter-templates", "add_letter_template", letters.add, "letter_template.manage"),
    ("GET", "/letter-templates/<key>", "letter_template", letters.template, "letter_template.read"),
    ("POST", "/letter-templates/<key>", "replace_letter_template", letters.replace, "letter_template.manage"),
    (
        "GET",
        "/letter-templates/<key>/preview",
        "preview_letter_template",
        letters.preview,
        "letter_template.read",
    ),
    (
        "POST",
        "/letter-templates/<key>/preview",
        "look_at_letter_template",
        letters.look,
        "letter_template.manage",
    ),
    ("POST", "/cases/<number>/confidential", "confide", cases.confide, "case.confide"),
    ("GET", "/incidents", "incidents", instances.incidents, "incident.retry"),
    ("POST", "/incidents/<uuid:incident_id>/retry", "retry", instances.retry, "incident.retry"),
    ("GET", "/instances/<uuid:instance_id>", "instance", instances.instance, "instance.read"),
    ("POST", "/instances/<uuid:instance_id>/operate", "operate", instances.operate, "instance.suspend"),
    ("POST", "/cases/<number>/pause", "pause_case", clocks.pause_case, "clock.pause"),
    ("POST", "/cases/<number>/resume", "resume_case", clocks.resume_case, "clock.resume"),
    ("POST", "/clocks/<uuid:clock_id>/pause", "pause_clock", clocks.pause_clock, "clock.pause"),
    ("POST", "/clocks/<uuid:clock_id>/resume", "resume_clock", clocks.resume_clock, "clock.resume"),
    ("POST", "/clocks/<uuid:clock_id>/extensions", "ask_extension", clocks.ask_extension, "clock.ask"),
    (
        "POST",
        "/clocks/<uuid:clock_id>/requests/<uuid:request_id>/decide",
        "decide",
        clocks.decide,
        "clock.decide",
    ),
    ("POST", "/clocks/<uuid:clock_id>/promises", "promise", clocks.promise, "clock.promise"),
    ("GET", "/outcomes", "outcomes", outcomes.kept, "outcome.read"),
    ("GET", "/authority", "authority", authority.used, "authority.read"),
    ("GET", "/file", "file_start", cases.file_start, "case.file"),
    ("GET", "/file/<regime>", "file_form", cases.file_form, "case.file"),
    ("POST", "/file/<regime>", "file_case", cases.file_case, "case.file"),
    ("GET", "/processes", "processes", processes.processes, "definition.read"),
    ("GET", "/processes/<key>", "process", processes.process, "definition.read"),
    ("POST", "/definitions/<uuid:definition_id>/bindings", "bind", binding.bind, "definition.bind"),
    ("GET", "/definitions/<uuid:definition_id>/diagram", "diagram", pictures.diagram, "definition.read"),
    ("GET", "/definitions/<uuid:definition_id>/picture", "drawn", pictures.picture_file, "definition.read"),
    ("GET", "/deploy", "deploy", processes.deploy, "deployment.create"),
    ("POST", "/deploy", "deploy_files", processes.deploy_files, "deployment.create"),
    ("GET", "/deployments/<uuid:deployment_id>", "deployment", deployed.deployment, "deployment.read"),
    (
        "GET",
        "/deployments/<uuid:deployment_id>/files/<path:name>",
        "deployed_file",
        deployed.file,
        "deployment.read",
    ),
    ("GET", "/organisation", "organisation", organisation.organisation, "organisation.read"),
    ("GET", "/organisation/groups", "provider_groups", organisation.groups, "organisation.read"),
    ("GET", "/organisation/units/<code>", "unit", organisation.unit, "organisation.read"),
    ("GET", "/organisation/export/<wanted>", "export", organisation.export, "organisation.read"),
    ("GET", "/organisation/import", "import_page", organisation.import_page, "organisation.manage"),
    ("POST", "/organisation/import", "import_files", organisation.import_files, "organisation.manage"),
    ("POST", "/organisation/units", "add_unit", organisation.add_unit, "organisation.manage"),
    ("POST", "/organisation/units/<code>", "change_unit", organisation.change_unit, "organisation.manage"),
    (
        "POST",
        "/organisation/units/<code>/people",
        "add_person",
        organisation.add_person,
        "organisation.manage",
    ),
    ("POST", "/organisation/units/<code>/seats", "add_seat", organisation.add_seat, "organisation.manage"),
    (
        "POST",
        "/organisation/people/<login>",
        "change_person",
        organisation.change_person,
        "organisation.manage",
    ),
    (
        "POST",
        "/organisation/seats/<int:seat_id>",
        "change_seat",
        organisation.change_seat,
        "organisation.manage",
    ),
    (
        "POST",
        "/organisation/seats/<int:seat_id>/end",
        "end_seat",
        organisation.end_seat,
        "organisation.manage",
    ),
    ("GET", "/clock-policies", "register", policies.register, "policy.read"),
    ("GET", "/clock-policies/<uuid:version_id>", "policy", policies.row, "policy.read"),
    ("GET", "/clock-policies/export/<wanted>", "export_register", policies.export, "policy.read"),
    ("GET", "/clock-policies/new", "new_policy", policies.new, "policy.manage"),
    ("POST", "/clock-policies", "add_policy", policies.add, "policy.manage"),
    ("GET", "/clock-policies/import", "import_register", policies.import_page, "policy.manage"),
    ("POST", "/clock-policies/import", "import_register_file", policies.import_file, "policy.manage"),
    ("POST", "/clock-policies/<uuid:version_id>", "change_policy", policies.change, "policy.manage"),
    ("POST", "/clock-policies/<uuid:version_id>/end", "end_policy", policies.end, "policy.manage"),
    ("POST", "/clock-policies/<uuid:version_id>/keep", "keep_policy", policies.keep, "policy.manage"),
    ("GET", "/classification", "classification", classification.classification, "classification.read"),
    (
        "GET",
        "/classification/<name>/export",
        "export_classification",
        classification.export,
        "classification.read",
    ),
    (
        "POST",
        "/classification",
        "replace_classification",
        classification.replace,
        "classification.manage",
    ),
    ("GET", "/clauses", "clauses", clauses.clauses, "clause.read"),
    ("GET", "/clauses/documents/<uuid:document_id>", "source_document", clauses.document, "clause.read"),
    ("GET", "/calendar", "calendar", calendar.calendar, "calendar.read"),
    ("POST", "/calendar/notices", "import_notice", calendar.import_notice, "calendar.manage"),
    ("POST", "/calendar/days", "change_day", calendar.change_day, "calendar.manage"),
    ("POST", "/calendar/hours", "change_hours", calendar.change_hours, "calendar.manage"),
    ("GET", "/account/absences", "my_absences", absences.mine, "absence.read"),
    ("GET", "/absences", "absences", absences.theirs, "absence.read"),
    ("POST", "/absences", "enter_absence", absences.enter, "absence.enter"),
    ("POST", "/absences/<uuid:absence_id>", "change_absence", absences.change, "absence.change"),
    ("POST", "/absences/<uuid:absence_id>/cancel", "cancel_absence", absences.cancel, "absence.cancel"),
    ("POST", "/absences/<uuid:absence_id>/hand-over", "hand_over", absences.hand_over, "absence.hand_over"),
    ("GET", "/duty", "duty", duty.duty, "duty.read"),
    ("GET", "/duty/export", "export_duty", duty.export, "duty.read"),
    ("POST", "/duty/import", "import_duty", duty.import_file, "duty.manage"),
    ("GET", "/account", "account", account.account, "self.manage"),
    ("GET", "/account/password", "password", account.password, "self.manage"),
    ("POST", "/account/password", "change_password", account.change_password, "self.manage"),
    ("POST", "/account/notices", "prefer_notices", account.prefer_notices, "notice.prefer"),
    ("POST", "/account/language", "choose_language", account.choose_language, "self.manage"),
    ("POST", "/account/sessions/end", "end_sessions", account.end_sessions, "self.manage"),
    ("POST", "/account/sessions/<uuid:session_id>/end", "end_session", account.end_session, "self.manage"),
    ("POST", "/account/tokens", "make_token", account.make_token, "self.manage"),
    (
        "POST",
        "/account/tokens/<uuid:token_id>/revoke",
        "revoke_my_token",
        account.revoke_token,
        "self.manage",
    ),
    ("POST", "/account/identities", "link_identity", identities.link, "self.manage"),
    ("POST", "/account/confirmation", "confirm_at", identities.confirm_at, "self.manage"),
    (
        "POST",
        "/account/identities/<uuid:identity_id>/unlink",
        "unlink_identity",
        identities.unlink,
        "self.manage",
    ),
    ("GET", "/people/<login>/access", "access", access.access, "session.revoke"),
    ("POST", "/people/<login>/unlock", "unlock", access.unlock, "organisation.manage"),
    ("POST", "/people/<login>/password", "reset_password", access.reset_password, "organisation.manage"),
    ("POST", "/people/<login>/end", "end_access", access.end_access, "session.revoke"),
    ("POST", "/people/<login>/issue", "issue", access.issue, "token.issue"),
    (
        "POST",
        "/people/<login>/tokens/<uuid:token_id>/revoke",
        "revoke_token_of",
        access.revoke_token,
        "session.revoke",
    ),
    (
        "POST",
        "/people/<login>/identities/<uuid:identity_id>/unlink",
        "unlink_identity_of",
        access.unlink,
        "organisation.manage",
    ),
    ("POST", "/people/<login>/keys/<key_id>/revoke", "revoke_key_of", access.revoke_key, "session.revoke"),
    ("GET", "/supervision", "supervision", supervision.supervision, "supervision.read"),
    ("GET", "/deliveries", "deliveries", delivery.deliveries, "delivery.read"),
    ("POST", "/deliveries/retry", "retry_deliveries", delivery.retry_all, "delivery.retry"),
    ("POST", "/deliveries/<uuid:delivery_id>/retry", "retry_delivery", delivery.retry, "delivery.retry"),
    ("GET", "/audit", "trail", audit.trail, "audit.read"),
    ("GET", "/cases/<number>/audit", "case_trail", audit.case_trail, "audit.read"),
)

PAGES = (*_DESK_AND_OFFICE, *modeling.PAGES, *running.PAGES)
"""method, address, endpoint, view, permission. Signing in and out are the only pages without one."""

UPLOADS: tuple[tuple[str, str, str, View, str], ...] = (
    ("POST", "/cases/<number>/attachments", "add_paper", papers.add, "attachment.add"),
    ("POST", "/clauses/missing/<key>", "hand_in", clauses.hand_in, "clause.hand_in"),
    ("POST", "/attachments", "add_pending_paper", papers.add_pending, "attachment.add"),
)
"""The same, for views that are sent a file: their bodies are read when it is known who sends."""


class Pages(Blueprint):
    """A blueprint whose files are named with their content's hash and may therefore be kept for a year."""

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        versioned = request.args.get("v") or (filename or "").startswith(("dist/chunk-", "dist/asset-"))
        return 365 * 24 * 3600 if versioned else 0


def create_blueprint(deps: Deps) -> Blueprint:
    """Return the pages, to be registered without a prefix on an application without a static folder.

    Registering sets the cookie's flags, and the application's secret key from the settings when it has none.
    """
    pages = Pages(
        "admin", __name__, template_folder="templates", static_folder="static", static_url_path="/assets"
    )
    for method, address, endpoint, view, permission in PAGES:
        pages.add_url_rule(address, endpoint, handled(deps, view, permission), methods=[method])
    for method, address, endpoint, view, permission in UPLOADS:
        pages.add_url_rule(address, endpoint, papers.received(deps, view, permission), methods=[method])
    pages.add_url_rule("/sign-in", "sign_in", partial(sign_in.sign_in_page, deps), methods=["GET"])
    pages.add_url_rule("/sign-in", "sign_in_post", partial(sign_in.sign_in, deps), methods=["POST"])
    pages.add_url_rule(
        "/sign-in/with/<name>", "begin_with", partial(single_sign_on.begin, deps), methods=["GET"]
    )
    pages.add_url_rule(
        "/sign-in/with/<name>/back", "back_from", partial(single_sign_on.back, deps), methods=["GET"]
    )
    pages.add_url_rule(
        "/sign-in/with/<name>/signed-out",
        "signed_out_there",
        partial(single_sign_on.signed_out_there, deps),
        methods=["POST"],
    )
    pages.add_url_rule("/sign-out", "sign_out", partial(sign_in.sign_out, deps), methods=["POST"])
    uploads = frozenset(f"admin.{endpoint}" for _, _, endpoint, _, _ in UPLOADS)
    pages.before_request(partial(security.check_text, uploads))
    pages.after_request(security.protect)
    pages.register_error_handler(RedressError, errors.refused)
    pages.register_error_handler(HTTPException, errors.http_refused)
    pages.register_error_handler(Exception, errors.unforeseen)
    pages.record_once(partial(_prepare, deps))
    return pages


def asset(name: str) -> str:
    """Return the address of a static file, with its content's hash, so that a new release is seen at once."""
    return url_for("admin.static", filename=name, v=_digest(name))


@lru_cache(maxsize=64)
def _digest(name: str) -> str:
    try:
        return hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]
    except OSError:
        return "missing"


def _prepare(deps: Deps, state: BlueprintSetupState) -> None:
    app = state.app
    if not app.secret_key:
        app.secret_key = deps.settings.ensure_secret_key()
    app.config.update(security.cookie(https=deps.settings.https))
    if deps.settings.https:
        app.after_request(security.insist_on_https)
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(
        asset=asset,
        csrf_token=security.csrf_token,
        both=both,
        brief=brief,
        plain=plain,
        terse=terse,
        document_language=tag,
        spoken=spoken,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    kept = app.error_handler_spec[None][None].get(HTTPException)

    def nothing_here(error: HTTPException) -> Any:
        # Addresses of the API and of the health checks have their own answers; everything else is a page.
        if request.path.startswith(("/api/", "/healthz", "/readyz")):
            return kept(error) if kept else error
        return security.protect(errors.http_refused(error))

    app.register_error_handler(HTTPException, nothing_here)
