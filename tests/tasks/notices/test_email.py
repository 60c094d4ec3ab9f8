"""The e-mail channel against a real server: what it hands over, and what it makes of each way a server can refuse."""

from __future__ import annotations

import pytest

from redress.settings import Settings, SettingsError
from tasks.notices.channels.email import EmailChannel, server_of
from tasks.notices.channels.protocol import Message, Receiver, Refused, Sent, TryAgain
from tests.redress.running import port_of_its_own
from tests.tasks.notices.mail_server import DROP, mail_server, trusting

SENDER = "投诉处理 <redress@mail.example>"


def message(to: str = "li.nan@mail.example", name: str = "李楠") -> Message:
    return Message(
        (Receiver(to, "li_na", name),),
        "Redress 通知：案件 TS-1",
        "案件 TS-1 有新的通知。\n\nNews.",
        "案件 TS-1 有新的通知。",
        "https://redress.example/notices",
    )


def test_a_mail_says_who_it_is_from_and_for_what_it_says_and_is_known_by_its_key() -> None:
    with mail_server() as server:
        assert EmailChannel(server.url, SENDER).send(message(), "key-1") == Sent()
    (mail,) = server.taken
    assert (mail["Message-ID"], mail["Subject"]) == ("<key-1@mail.example>", "Redress 通知：案件 TS-1")
    assert mail["From"].addresses[0].display_name == "投诉处理"
    assert mail["To"].addresses[0].addr_spec == "li.nan@mail.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().splitlines() == [
        "案件 TS-1 有新的通知。", "", "News.", "", "https://redress.example/notices",
    ]  # fmt: skip


def test_what_is_refused_for_good_is_told_from_what_may_be_taken_later() -> None:
    with mail_server() as server:
        channel = EmailChannel(server.url, SENDER)
        server.recipients = {
            "gone@mail.example": "550 5.1.1 no such user",
            "full@mail.example": "452 4.2.2 full",
        }
        assert channel.send(message("gone@mail.example"), "1") == Refused("550 5.1.1 no such user")
        assert channel.send(message("full@mail.example"), "2") == TryAgain("452 4.2.2 full")
        server.after = ["554 5.7.1 spam", "451 4.7.1 greylisted", DROP]
        assert channel.send(message(), "3") == Refused("554 5.7.1 spam")
        assert channel.send(message(), "4") == TryAgain("451 4.7.1 greylisted")
        lost = channel.send(message(), "5")
    assert isinstance(lost, TryAgain)
    assert not lost.whole


@pytest.mark.parametrize(
    "address", ["no address", "", "a@b\r\nBcc: c@d.example", "a@b.example, c@d.example", "@", "a@"]
)
def test_what_is_no_address_is_refused_and_nothing_is_handed_over(address: str) -> None:
    with mail_server() as server:
        assert isinstance(EmailChannel(server.url, SENDER).send(message(address), "1"), Refused)
    assert server.taken == []


def test_a_name_puts_nothing_into_the_head_of_a_mail() -> None:
    with mail_server() as server:
        channel = EmailChannel(server.url, SENDER)
        assert isinstance(channel.send(message(name="李\r\nBcc: c@d.example"), "1"), Refused)
    assert server.taken == []


def test_a_server_that_is_not_there_makes_the_whole_channel_wait() -> None:
    nobody = EmailChannel(f"smtp://127.0.0.1:{port_of_its_own()}", SENDER).send(message(), "1")
    assert isinstance(nobody, TryAgain)
    assert nobody.whole


def test_a_login_is_given_only_once_the_connection_is_encrypted() -> None:
    with mail_server("smtp+starttls") as server:
        at = f"@localhost:{server.port}"
        right = EmailChannel(f"smtp+starttls://redress:right{at}", SENDER, trusted=trusting())
        assert right.send(message(), "1") == Sent()
        wrong = EmailChannel(f"smtp+starttls://redress:wrong{at}", SENDER, trusted=trusting())
        refused = wrong.send(message(), "2")
        assert isinstance(refused, TryAgain)
        assert refused.whole
        stranger = EmailChannel(f"smtp+starttls://redress:right{at}", SENDER).send(message(), "3")
        assert isinstance(stranger, TryAgain)
        assert "CERTIFICATE_VERIFY_FAILED" in stranger.reason
    assert (len(server.taken), server.encrypted) == (1, [True])
    assert set(server.logins) == {("redress", "right"), ("redress", "wrong")}


def test_a_server_that_offers_no_starttls_is_told_nothing() -> None:
    with mail_server() as server:
        channel = EmailChannel(
            f"smtp+starttls://redress:right@localhost:{server.port}", SENDER, trusted=trusting()
        )
        answer = channel.send(message(), "1")
    assert isinstance(answer, TryAgain)
    assert answer.whole
    assert server.taken == []


def test_mail_goes_over_a_connection_that_is_encrypted_from_its_start() -> None:
    with mail_server("smtps") as server:
        channel = EmailChannel(f"smtps://localhost:{server.port}", SENDER, trusted=trusting())
        assert channel.send(message(), "1") == Sent()
    assert server.encrypted == [True]


def test_a_url_names_scheme_port_and_login() -> None:
    found = server_of("smtp+starttls://a%40b:p%3Aw@mail.example")
    assert (found.port, found.login, found.password) == (587, "a@b", "p:w")
    assert server_of("smtps://mail.example:4650").port == 4650


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://mail.example", SENDER),
        ("smtp://", SENDER),
        ("smtp://mail.example:0", SENDER),
        ("smtp://mail.example:99999", SENDER),
        ("smtp://mail.example/x", SENDER),
        ("smtps://login@mail.example", SENDER),
        ("smtp://login:secret-word@mail.example", SENDER),
        ("smtps://mail.example", ""),
        ("smtps://mail.example", "nobody"),
        ("smtps://mail.example", "a@b.example\nBcc: c@d.example"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start_without_showing_a_password(
    url: str, sender: str
) -> None:
    with pytest.raises(SettingsError, match=r"REDRESS_(SMTP_URL|MAIL_FROM)") as told:
        Settings.from_environment({"REDRESS_SMTP_URL": url, "REDRESS_MAIL_FROM": sender})
    assert "secret-word" not in str(told.value)
