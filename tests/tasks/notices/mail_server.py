"""A real SMTP server in a thread, whose answers a test may choose."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.redress.running import port_of_its_own

CERTIFICATE = Path(__file__).with_name("localhost.pem")
"""Key and certificate of `localhost` that nobody else trusts."""

HANG, DROP = "hang", "drop"


@dataclass
class MailServer:
    """recipients: what it answers for an address, else it takes it. after: what it does once it has a message, in turn: an
    answer, HANG or DROP; then it says OK. taken: what it has got, in its order. hanging: it has begun to hang.
    """

    port: int
    recipients: dict[str, str] = field(default_factory=dict)
    after: list[str] = field(default_factory=list)
    taken: list[EmailMessage] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    hanging: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.taken]

    async def handle_RCPT(  # noqa: N802 (the name is the server's)
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = self.recipients.get(address, "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(cast(EmailMessage, message_from_bytes(envelope.content, policy=default)))
        self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        what = self.after.pop(0) if self.after else "250 OK"
        if what == DROP:
            server.transport.abort()
        elif what == HANG:
            self.hanging.set()
            await asyncio.Event().wait()
        return what

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"right", handled=False)


@contextmanager
def mail_server(scheme: str = "smtp") -> Iterator[MailServer]:
    """Serve mail on this machine until the test is over: unencrypted, with STARTTLS and a login demanded, or encrypted."""
    made = MailServer(port_of_its_own())
    more: dict[str, Any] = {}
    if scheme == "smtps":
        more["ssl_context"] = _keys()
    if scheme == "smtp+starttls":
        more |= {
            "tls_context": _keys(), "require_starttls": True, "auth_required": True, "authenticator": made.authenticate,
        }  # fmt: skip
    controller = Controller(made, hostname="127.0.0.1", port=made.port, **more)
    controller.start()
    try:
        yield made
    finally:
        controller.stop()


def trusting() -> ssl.SSLContext:
    """What trusts the certificate of these servers."""
    return ssl.create_default_context(cafile=CERTIFICATE)


def _keys() -> ssl.SSLContext:
    keys = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    keys.load_cert_chain(CERTIFICATE)
    return keys
