"""Every setting of the product, typed, read once from the environment.

`DATABASE_URL` names the PostgreSQL to use; without it an embedded one is started under the home folder.
Everything else is called `REDRESS_*`. Nothing below this module reads the environment.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from redress.notice_settings import notice_settings
from redress.single_sign_on import providers_of
from tasks.notices.channels.settings import SmsSettings, WebhookSettings
from tasks.outside import LOOPBACK
from tasks.people.oidc.settings import ProviderSettings


class SettingsError(ValueError):
    """An environment variable has a value that cannot be used."""


@dataclass(frozen=True)
class Settings:
    """What an installation may decide. All paths are absolute; sizes are in bytes, times in seconds."""

    home: Path
    """Where the embedded database, the run file and the demo's notes live (`REDRESS_HOME`, default ./var)."""
    database_url: str | None = None
    """The PostgreSQL to use (`DATABASE_URL`); None means the embedded one."""
    content_dir: Path | None = None
    """The bpmn/ folder to load (`REDRESS_CONTENT`); None means the one that came with the code."""
    host: str = "127.0.0.1"
    port: int | None = None
    """A port that must be used (`REDRESS_PORT`); None means 8000 or the next free one."""
    web_workers: int = 2
    web_threads: int = 4
    job_concurrency: int = 4
    job_stalled_seconds: int = 20
    """How long a worker may not be heard of before its jobs are given to another (`REDRESS_JOB_STALLED_SECONDS`)."""
    secret_key: str = ""
    """Signs session cookies and seals the audit trail (`REDRESS_SECRET_KEY`); empty means one kept in the home folder."""
    old_secret_keys: tuple[str, ...] = ()
    """Those it was before, oldest first, with spaces between them (`REDRESS_OLD_SECRET_KEYS`): they seal nothing any
    more, but what they have sealed still holds.
    """
    demo_password: str = "redress-demo"
    demo_passwords: Literal["keep", "change", ""] = ""
    """Whether people of the demo may go on with the password everybody knows (`REDRESS_DEMO_PASSWORDS`); empty: on a
    trial installation only.
    """
    public_url: str = ""
    """Where people reach this installation (`REDRESS_PUBLIC_URL`), such as https://redress.example; empty: directly. With
    https, cookies are sent over https only and browsers are told to insist on it.
    """
    max_body_bytes: int = 10 * 1024 * 1024
    count_statements: bool = False
    """Say in a header how many SQL statements an answer took (`REDRESS_COUNT_STATEMENTS`), for the
    benchmarks.
    """
    log_level: str = "info"
    attachments: str = "database"
    """Where attachments are kept (`REDRESS_ATTACHMENTS`): `database`, or `disk`, which is the folder `attachments` of the
    home folder; what was kept elsewhere before stays readable.
    """
    upload_bytes: int = 50 * 1024 * 1024
    """The most bytes of an attachment (`REDRESS_UPLOAD_BYTES`)."""
    recording_bytes: int = 100 * 1024 * 1024
    """The most bytes of a recording (`REDRESS_RECORDING_BYTES`)."""
    attachments_per_case: int = 200
    scan_command: str = ""
    """Looks at every upload on its standard input and ends with 0 (clean) or 1 (infected) (`REDRESS_SCAN_COMMAND`)."""
    scan_seconds: int = 60
    """How long it may take; what it has not cleared by then is refused (`REDRESS_SCAN_SECONDS`)."""
    smtp_url: str = ""
    """The server that notices are handed to as e-mail (`REDRESS_SMTP_URL`), such as
    smtp+starttls://login:password@mail.example:587; empty: notices are only in the pages. docs/notices.md
    """
    mail_from: str = ""
    """Who they are from (`REDRESS_MAIL_FROM`): an address, or `Name <address>`."""
    webhooks: tuple[WebhookSettings, ...] = ()
    """Systems and group chats that notices are handed to (`REDRESS_WEBHOOK_<NAME>_…`, docs/notices.md)."""
    sms: SmsSettings | None = None
    """The gateway that notices are handed to as text messages (`REDRESS_SMS_…`, docs/notices.md)."""
    notices_in_full: bool = False
    """Say in them what the page says, which may quote what somebody wrote of a customer (`REDRESS_NOTICES_IN_FULL`)."""
    trial_seconds: int = 2
    """What the trial run of one process may compute before a deployment (`REDRESS_TRIAL_SECONDS`); 0: no trial runs."""
    trial_megabytes: int = 256
    """The memory it may take besides (`REDRESS_TRIAL_MEGABYTES`)."""
    deployment_four_eyes: bool = False
    """Whether every deployment needs a second process owner who approves it (`REDRESS_DEPLOYMENT_FOUR_EYES`, docs/modeler.md);
    `redress deploy` on the machine itself does not.
    """
    providers: tuple[ProviderSettings, ...] = ()
    """Identity providers people may sign in with (`REDRESS_OIDC_<NAME>_…`, docs/single-sign-on.md)."""
    local_sign_in: tuple[str, ...] = ()
    """The only logins whose password is taken (`REDRESS_LOCAL_SIGN_IN`, with spaces between them), for emergencies; empty:
    everybody's.
    """

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; raises SettingsError with one sentence naming the variable that is wrong."""
        env = os.environ if environ is None else environ
        home = Path(env.get("REDRESS_HOME") or "var").expanduser().resolve()
        content = env.get("REDRESS_CONTENT")
        public_url = _origin(env, "REDRESS_PUBLIC_URL")
        providers = _providers(env, public_url)
        return cls(
            home=home,
            database_url=env.get("DATABASE_URL") or None,
            content_dir=Path(content).expanduser().resolve() if content else None,
            host=env.get("REDRESS_HOST") or cls.host,
            port=_integer(env, "REDRESS_PORT", None, 1, 65535),
            web_workers=_integer(env, "REDRESS_WEB_WORKERS", cls.web_workers, 1, 256),
            web_threads=_integer(env, "REDRESS_WEB_THREADS", cls.web_threads, 1, 256),
            job_concurrency=_integer(env, "REDRESS_JOB_CONCURRENCY", cls.job_concurrency, 1, 256),
            job_stalled_seconds=_integer(
                env, "REDRESS_JOB_STALLED_SECONDS", cls.job_stalled_seconds, 1, 3600
            ),
            secret_key=env.get("REDRESS_SECRET_KEY", ""),
            old_secret_keys=tuple(env.get("REDRESS_OLD_SECRET_KEYS", "").split()),
            demo_password=env.get("REDRESS_DEMO_PASSWORD") or cls.demo_password,
            demo_passwords=_one_of(env, "REDRESS_DEMO_PASSWORDS", ("keep", "change")),
            public_url=public_url,
            max_body_bytes=_integer(env, "REDRESS_MAX_BODY_BYTES", cls.max_body_bytes, 1024, 1 << 30),
            count_statements=env.get("REDRESS_COUNT_STATEMENTS", "") not in ("", "0"),
            attachments=_one_of(env, "REDRESS_ATTACHMENTS", ("database", "disk")) or cls.attachments,
            upload_bytes=_integer(env, "REDRESS_UPLOAD_BYTES", cls.upload_bytes, 1024, 1 << 30),
            recording_bytes=_integer(env, "REDRESS_RECORDING_BYTES", cls.recording_bytes, 1024, 1 << 30),
            attachments_per_case=_integer(
                env, "REDRESS_ATTACHMENTS_PER_CASE", cls.attachments_per_case, 1, 10_000
            ),
            scan_command=env.get("REDRESS_SCAN_COMMAND", "").strip(),
            scan_seconds=_integer(env, "REDRESS_SCAN_SECONDS", cls.scan_seconds, 1, 600),
            **_channels(env),
            notices_in_full=env.get("REDRESS_NOTICES_IN_FULL", "") not in ("", "0"),
            trial_seconds=_integer(env, "REDRESS_TRIAL_SECONDS", cls.trial_seconds, 0, 60),
            trial_megabytes=_integer(env, "REDRESS_TRIAL_MEGABYTES", cls.trial_megabytes, 64, 4096),
            deployment_four_eyes=env.get("REDRESS_DEPLOYMENT_FOUR_EYES", "") not in ("", "0"),
            log_level=env.get("REDRESS_LOG_LEVEL") or cls.log_level,
            providers=providers,
            local_sign_in=_local_sign_in(env, providers),
        )

    @property
    def embedded(self) -> bool:
        """Whether this installation uses the embedded PostgreSQL."""
        return self.database_url is None

    @property
    def trial(self) -> bool:
        """Whether nobody but this machine can reach the installation: the embedded database, a loopback address, and no
        address that others are told.
        """
        return self.embedded and self.host in LOOPBACK and not self.public_url

    @property
    def keeps_demo_passwords(self) -> bool:
        """Whether the password everybody knows is enough for the people of the demo."""
        return self.demo_passwords == "keep" or (self.demo_passwords == "" and self.trial)

    @property
    def https(self) -> bool:
        """Whether people reach this installation over https."""
        return self.public_url.startswith("https://")

    def ensure_secret_key(self) -> str:
        """Return the key that signs cookies; made once and kept, readable by the owner only, when none is
        set.
        """
        if self.secret_key:
            return self.secret_key
        path = self.home / "secret.key"
        self.home.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        if not path.exists():
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(48))
            try:
                os.link(draft, path)  # two starting processes must agree: the first link wins, whole
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text()


def _providers(env: Mapping[str, str], public_url: str) -> tuple[ProviderSettings, ...]:
    try:
        return providers_of(env, public_url)
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _local_sign_in(env: Mapping[str, str], providers: tuple[ProviderSettings, ...]) -> tuple[str, ...]:
    named = tuple(env.get("REDRESS_LOCAL_SIGN_IN", "").split())
    if named and not providers:
        raise SettingsError(
            "REDRESS_LOCAL_SIGN_IN names the only logins whose password is taken; without an identity provider nobody else "
            "could sign in."
        )
    return named


def _channels(env: Mapping[str, str]) -> dict[str, Any]:
    try:
        return notice_settings(env)
    except ValueError as error:
        raise SettingsError(str(error)) from None


def _one_of(env: Mapping[str, str], name: str, values: tuple[str, ...]) -> Any:
    text = env.get(name, "")
    if text and text not in values:
        raise SettingsError(f"{name} must be {' or '.join(values)}, not {text!r}.")
    return text


def _origin(env: Mapping[str, str], name: str) -> str:
    text = env.get(name, "").rstrip("/")
    try:
        parts = urlsplit(text)
        wrong = bool(text) and (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.port == 0
            or text != f"{parts.scheme}://{parts.netloc}"
            or "@" in parts.netloc
        )
    except ValueError:
        wrong = True
    if wrong:
        raise SettingsError(f"{name} must be like https://redress.example, without a path, not {text!r}.")
    return text.lower()


def _integer(env: Mapping[str, str], name: str, default: Any, low: int, high: int) -> Any:
    text = env.get(name, "")
    if not text:
        return default
    try:
        value = int(text)
    except ValueError:
        raise SettingsError(f"{name} must be a whole number, not {text!r}.") from None
    if not low <= value <= high:
        raise SettingsError(f"{name} must be between {low} and {high}, not {value}.")
    return value
