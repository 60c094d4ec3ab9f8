"""The one place that joins everything: the engine with its ports, the web application, the job worker, the
content.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from admin.blueprint import create_blueprint
from api import idempotency, register_api
from api.signatures import SKEW
from engine.clock import Clock, SystemClock
from engine.db import open_database
from engine.process_engine import ProcessEngine
from engine.worker import Performer, Sweep, run_worker
from redress import content, migrate
from redress.counting import count_statements
from redress.greeting import greeting
from redress.places import packaged
from redress.settings import Settings
from redress.trial import trial_of
from redress.web import WebServer
from tasks.audit.anchoring import begin_trail, drop_anchor, require_key
from tasks.audit.sealing import KeyRing
from tasks.audit.writing import keep_trail
from tasks.deadlines.calendar import alarm
from tasks.deadlines.calendar.changed import RECOMPUTE
from tasks.deadlines.clocks.changing.recomputing import recompute
from tasks.deadlines.supervision import work as supervision
from tasks.deps import Deps
from tasks.desk.deserted import sweep_barred
from tasks.evidence import attachments
from tasks.evidence.cabinet import Cabinet
from tasks.evidence.scan import Scanner
from tasks.notices import work as delivery
from tasks.notices.channels.email import EmailChannel
from tasks.notices.channels.protocol import Channel
from tasks.notices.channels.robots import RobotChannel
from tasks.notices.channels.settings import JSON
from tasks.notices.channels.sms import SmsChannel
from tasks.notices.channels.webhook import WebhookChannel
from tasks.organisation.assigning.dates import look_at_dates
from tasks.organisation.assigning.rerouting import reroute
from tasks.organisation.revision import REROUTE
from tasks.people import attempts, held, keys
from tasks.people.absence.settling import SETTLE, settle, sweep_absences
from tasks.people.oidc.provider import Provider, Providers
from tasks.people.passwords import PATIENCE, Passwords
from tasks.ports import build_ports
from tasks.processes.moving.batches import move_batch
from tasks.processes.moving.work import MOVE
from tasks.talk import telling
from tasks.turns import Turns

KEEP_ANSWERS = timedelta(days=3)
"""How long a call may be sent again with its Idempotency-Key and get its first answer: a long weekend."""

KEEP_NONCES = 3 * SKEW
"""A signature holds for SKEW around its making; what it has used up is kept for longer than that."""
KEEP_ENDED = timedelta(days=90)
"""How long sessions, tokens and keys that have ended can be looked up."""


def build(settings: Settings, url: str, *, clock: Clock | None = None) -> Deps:
    """Open the database and build the engine with everything it is handed from above. Connects to nothing
    yet.
    """
    clock = clock or SystemClock()
    cabinet = cabinet_of(settings)
    ports = build_ports(clock, cabinet, settings.public_url)
    engine = ProcessEngine(
        clock=clock,
        listener=ports.listener,
        facts=ports.facts,
        operations=ports.operations,
        functions=ports.functions,
        host=ports.host,
        trial=trial_of(settings, ports.functions),
    )
    sessions = open_database(url, pool_size=max(settings.web_threads, settings.job_concurrency) + 2)
    keep_trail(sessions, audit_keys(settings))
    return Deps(
        sessions,
        engine,
        clock,
        settings,
        ports.office,
        passwords=Passwords(turns=Turns.among(settings.web_threads, PATIENCE)),
        turns=Turns.among(settings.web_threads),
        cabinet=cabinet,
        providers=providers_of(settings, clock),
        channels=channels_of(settings, clock),
    )


def providers_of(settings: Settings, clock: Clock) -> Providers:
    """Whom people may sign in with. A provider that does not answer holds up one thread less than there are."""
    turns = Turns.among(settings.web_threads, PATIENCE)
    return Providers(Provider(each, clock, turns) for each in settings.providers)


def channels_of(settings: Settings, clock: Clock) -> dict[str, Channel]:
    """How notices leave this installation. Another adapter is a line here (docs/notices.md)."""
    channels: list[Channel] = []
    if settings.smtp_url:
        channels.append(EmailChannel(settings.smtp_url, settings.mail_from))
    for each in settings.webhooks:
        channels.append(WebhookChannel(each, clock) if each.kind == JSON else RobotChannel(each, clock))
    if settings.sms:
        channels.append(SmsChannel(settings.sms, clock))
    return {channel.name: channel for channel in channels}


def cabinet_of(settings: Settings) -> Cabinet:
    """What the settings say about attachments."""
    command = settings.scan_command
    return Cabinet(
        store=settings.attachments,
        folder=settings.home / "attachments",
        upload_bytes=settings.upload_bytes,
        recording_bytes=settings.recording_bytes,
        per_case=settings.attachments_per_case,
        scanner=Scanner(command, settings.scan_seconds) if command else None,
    )


def audit_keys(settings: Settings) -> KeyRing:
    """What seals the audit trail of this installation."""
    return KeyRing.derived(settings.ensure_secret_key(), settings.old_secret_keys)


def create_app(deps: Deps) -> Flask:
    """The web application: the API under /api, the pages everywhere else."""
    app = Flask("redress", static_folder=None)
    app.config.update(
        SECRET_KEY=deps.settings.ensure_secret_key(),
        MAX_CONTENT_LENGTH=deps.settings.max_body_bytes,
    )
    app.register_blueprint(create_blueprint(deps))
    register_api(app, deps)  # last: everything under /api answers with its problem documents
    if deps.settings.count_statements:
        count_statements(app, bind(deps))
    return app


def prepare(settings: Settings, url: str) -> list[str]:
    """Migrate the database, load the content, and return the lines that greet the operator."""
    migrate.upgrade(url)
    deps = build(settings, url)
    folder = settings.content_dir or packaged("bpmn")
    with deps.sessions.begin() as session:
        require_key(session)
        begin_trail(session, deps.clock.now())
        content.load(session, deps, folder)
    bind(deps).dispose()
    return greeting(
        content.organisation_data(folder), settings.demo_password, kept=settings.keeps_demo_passwords
    )


def serve_web(settings: Settings, url: str, *, address: str) -> None:
    """Serve the web application at `host:port`, or `fd://N` for a listening socket, until SIGTERM or SIGINT.

    Raises WrongState where the secret key is not the one that has sealed the audit trail.
    """
    deps = build(settings, url)
    check_audit_key(deps)
    server = WebServer(
        settings,
        lambda: create_app(deps),
        address=address,
        after_fork=lambda: bind(deps).dispose(close=False),
    )
    server.run()


def serve_jobs(settings: Settings, url: str) -> None:
    """Work on jobs and timers until SIGTERM or SIGINT. Raises WrongState as `serve_web` does."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    deps = build(settings, url)
    check_audit_key(deps)
    run_worker(
        deps.engine,
        deps.sessions,
        url,
        concurrency=settings.job_concurrency,
        extra=performers_of(deps),
        hourly={
            **housekeeping(deps),
            **supervision.hourly(deps),
            **delivery.hourly(deps),
            "redress.look_at_dates": partial(look_at_dates, deps=deps),
        },
        sweeps=sweeps_of(deps),
        stalled_seconds=settings.job_stalled_seconds,
    )


def performers_of(deps: Deps) -> dict[str, Performer]:
    """What a worker does besides the engine's own jobs, by task name."""
    return {
        REROUTE: partial(reroute, deps=deps),
        RECOMPUTE: partial(recompute, deps=deps),
        SETTLE: partial(settle, deps=deps),
        MOVE: partial(move_batch, deps=deps),
        **supervision.performers(deps),
        **delivery.performers(deps),
    }


def sweeps_of(deps: Deps) -> tuple[Sweep, ...]:
    """What a worker looks for again and again."""
    return (*supervision.SWEEPS, sweep_absences, sweep_barred(deps), *delivery.sweeps(deps))


def check_audit_key(deps: Deps) -> None:
    """Raise WrongState where this process would seal the audit trail with another key than it was sealed with until now.

    No connection stays open: processes may be forked after this.
    """
    try:
        with deps.sessions() as session:
            require_key(session)
    finally:
        bind(deps).dispose()


def housekeeping(deps: Deps) -> dict[str, Performer]:
    """What a worker does every hour for the rooms above the engine, by task name (stored data)."""

    def forget_answers(session: Session, _: Mapping[str, object]) -> None:
        idempotency.forget(session, deps.clock.now() - KEEP_ANSWERS)

    def tell_of_expiring(session: Session, _: Mapping[str, object]) -> None:
        telling.tell_of_expiring(session, deps.clock)

    def tell_of_missing_years(session: Session, _: Mapping[str, object]) -> None:
        alarm.tell_of_missing_years(session, deps)

    def forget_sign_ins(session: Session, _: Mapping[str, object]) -> None:
        now = deps.clock.now()
        attempts.forget(session, now)
        keys.forget_nonces(session, now - KEEP_NONCES)
        held.forget(session, now - KEEP_ENDED)

    def anchor_trail(session: Session, _: Mapping[str, object]) -> None:
        drop_anchor(session, deps.clock.now())

    def sweep_attachments(session: Session, _: Mapping[str, object]) -> None:
        attachments.sweep(session, deps)

    return {
        "redress.forget_answers": forget_answers,
        "redress.forget_sign_ins": forget_sign_ins,
        "redress.tell_of_expiring": tell_of_expiring,
        "redress.tell_of_missing_years": tell_of_missing_years,
        "redress.anchor_trail": anchor_trail,
        "redress.sweep_attachments": sweep_attachments,
    }


def bind(deps: Deps) -> sa.Engine:
    """The SQLAlchemy engine behind the session factory."""
    engine = deps.sessions.kw["bind"]
    assert isinstance(engine, sa.Engine)
    return engine
