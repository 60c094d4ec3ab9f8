"""The e-mail channel: one message per notice and receiver, by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Any
from urllib.parse import unquote, urlsplit

from tasks.notices.channels.protocol import Message, Outcome, Refused, Sent, TryAgain
from tasks.outside import LOOPBACK

EMAIL = "email"
PATIENCE = 15.0
"""Seconds the server may take for each of its answers."""

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
"""Where a server listens whose URL names no port. `smtp` is not encrypted."""

_SEEN = 300
"""Characters of what a server says that are kept."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in. login: empty where the server asks for none."""

    scheme: str
    host: str
    port: int
    login: str = ""
    password: str = ""


def server_of(url: str) -> Server:
    """Read smtp://host, smtp+starttls://login:password@host:port or smtps://…; raises ValueError with a sentence.

    A password is taken only where it is sent encrypted, or does not leave this machine.
    """
    shape = "must be like smtp+starttls://login:password@mail.example:587"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"{shape}.") from None
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query or port == 0:
        raise ValueError(f"{shape}; it begins with {', '.join(PORTS)}.")
    login, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(login) != bool(password):
        raise ValueError(f"{shape}: login and password come together.")
    if login and parts.scheme == "smtp" and parts.hostname not in LOOPBACK:
        raise ValueError(
            "has a password, which smtp:// would send in the clear: use smtp+starttls:// or smtps://."
        )
    return Server(parts.scheme, parts.hostname, port or PORTS[parts.scheme], login, password)


def sender_of(text: str) -> Address:
    """Read `address` or `Name <address>`; raises ValueError with a sentence."""
    name, address = parseaddr(text)
    try:
        found = Address(name, addr_spec=address)
    except (MessageError, ValueError, IndexError):
        found = Address()
    if not (text.isprintable() and found.username and found.domain and address.isascii()):
        raise ValueError("must be like redress@mail.example or 投诉处理 <redress@mail.example>.")
    return found


class EmailChannel:
    """Hands each message to one SMTP server, on a connection of its own."""

    name, label, shared = EMAIL, "邮件 E-mail", False

    def __init__(self, url: str, sender: str, *, trusted: ssl.SSLContext | None = None) -> None:
        """url, sender: as `server_of` and `sender_of` read them; raises what they do. trusted: whose certificates count,
        else those the machine trusts.
        """
        self._server = server_of(url)
        self._sender = sender_of(sender)
        self._trusted = trusted or ssl.create_default_context()

    def address(self, person: Any) -> str:
        return str(person.email)

    def send(self, message: Message, key: str) -> Outcome:
        try:
            mail = self._mail(message, key)
        except (MessageError, ValueError, IndexError):
            return Refused("The address is not one that mail can be sent to.")
        try:
            client = self._open()
        except (
            smtplib.SMTPResponseException
        ) as error:  # greeting, login: whatever it is, it is not the receiver's fault
            return TryAgain(_said(error), whole=True)
        except (smtplib.SMTPException, OSError) as error:
            return TryAgain(_named(error), whole=True)
        try:
            return _hand_in(client, mail)
        finally:
            with suppress(smtplib.SMTPException, OSError):
                client.quit()
            client.close()

    def _open(self) -> smtplib.SMTP:
        at = self._server
        if at.scheme == "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(at.host, at.port, timeout=PATIENCE, context=self._trusted)
        else:
            client = smtplib.SMTP(at.host, at.port, timeout=PATIENCE)
        try:
            if at.scheme == "smtp+starttls":
                client.starttls(context=self._trusted)
            if at.login:
                client.login(at.login, at.password)
        except BaseException:
            client.close()
            raise
        return client

    def _mail(self, message: Message, key: str) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self._sender
        mail["To"] = Address(message.to.name, addr_spec=message.to.address)
        mail["Subject"] = message.subject
        mail["Message-ID"] = f"<{key}@{self._sender.domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answer comes back
        mail.set_content(f"{message.whole}\n")
        return mail


def _hand_in(client: smtplib.SMTP, mail: EmailMessage) -> Outcome:
    try:
        client.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        return _judged(smtplib.SMTPResponseException(code, said))
    except smtplib.SMTPSenderRefused as error:  # who sends is ours to set right, whatever the code
        return TryAgain(_said(error), whole=True)
    except smtplib.SMTPResponseException as error:
        return _judged(error)
    except smtplib.SMTPNotSupportedError as error:
        return Refused(_named(error))  # an address the server has no characters for
    except (smtplib.SMTPException, OSError) as error:
        return TryAgain(_named(error))
    return Sent()


def _judged(error: smtplib.SMTPResponseException) -> Outcome:
    """RFC 5321 §4.2.1: a reply of 5 is for good; anything else may be different next time."""
    return Refused(_said(error)) if 500 <= error.smtp_code < 600 else TryAgain(_said(error))


def _said(error: smtplib.SMTPResponseException) -> str:
    words = error.smtp_error
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return f"{error.smtp_code} {text}"[:_SEEN]


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_SEEN]
