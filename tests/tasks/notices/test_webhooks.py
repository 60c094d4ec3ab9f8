"""Webhooks, robots of group chats and text messages against a real server: what it gets, and what is made of its answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from engine.clock import FrozenClock
from redress.settings import Settings, SettingsError
from tasks import outside
from tasks.notices.channels.protocol import Message, Outcome, Receiver, Refused, Sent, TryAgain
from tasks.notices.channels.robots import RobotChannel, cut
from tasks.notices.channels.settings import WebhookSettings
from tasks.notices.channels.sms import SmsChannel
from tasks.notices.channels.webhook import WebhookChannel
from tests.conftest import SHANGHAI
from tests.redress.running import port_of_its_own
from tests.tasks.notices.web_server import DRIP, WebServer, web_server

NOW = datetime(2026, 3, 2, 9, 15, tzinfo=SHANGHAI)
CLOCK = FrozenClock(NOW)
LI_NA = Receiver("li_na", "li_na", "李楠", "13800000001")
WANG_LEI = Receiver("wang_lei", "wang_lei", "王磊")


def message(*receivers: Receiver, text: str = "案件 TS-1 有新的通知。\n\nNews.") -> Message:
    return Message(
        receivers or (LI_NA,),
        "Redress 通知：案件 TS-1",
        text,
        "案件 TS-1 有新的通知。",
        "https://r.example/n",
    )


def robot(kind: str, server: WebServer, path: str = "/hook/t0ken", secret: str = "") -> RobotChannel:
    return RobotChannel(WebhookSettings("chat", kind, server.url + path, secret), CLOCK)


def test_a_system_of_the_house_gets_json_it_can_verify_and_know_again() -> None:
    secret = "whsec_" + base64.b64encode(b"shared key of both").decode()
    with web_server() as server:
        channel = WebhookChannel(WebhookSettings("house", "json", f"{server.url}/in", secret), CLOCK)
        assert channel.send(message(), "key-1") == Sent()
    (hit,) = server.hits
    assert hit.json == {
        "id": "key-1",
        "to": {"login": "li_na", "name": "李楠"},
        "subject": "Redress 通知：案件 TS-1",
        "text": "案件 TS-1 有新的通知。\n\nNews.",
        "short": "案件 TS-1 有新的通知。",
        "link": "https://r.example/n",
    }
    at = str(int(NOW.timestamp()))
    signed = hmac.new(b"shared key of both", f"key-1.{at}.".encode() + hit.body, hashlib.sha256).digest()
    assert (hit.headers["webhook-id"], hit.headers["webhook-timestamp"]) == ("key-1", at)
    assert hit.headers["webhook-signature"] == "v1," + base64.b64encode(signed).decode()


@pytest.mark.parametrize(
    ("status", "outcome", "whole"),
    [
        (204, Sent, None), (400, Refused, None), (429, TryAgain, False), (503, TryAgain, True), (401, TryAgain, True),
        (404, TryAgain, True), (302, TryAgain, True),
    ],
)  # fmt: skip
def test_a_status_says_whether_the_message_the_moment_or_the_channel_is_wrong(
    status: int, outcome: type[Any], whole: bool | None
) -> None:
    with web_server() as server:
        server.answers = [(status, "" if status == 204 else "said of s3cret")]
        channel = WebhookChannel(WebhookSettings("house", "json", f"{server.url}/s3cret"), CLOCK)
        answer = channel.send(message(), "1")
    assert isinstance(answer, outcome)
    assert getattr(answer, "whole", None) == whole
    assert "s3cret" not in str(getattr(answer, "reason", ""))
    assert [hit.path for hit in server.hits] == ["/s3cret"]


def test_a_server_that_drips_or_is_not_there_is_not_waited_for() -> None:
    with web_server() as server:
        server.answers = [DRIP]
        with pytest.raises(outside.NoAnswer, match=r"longer than 0.3 seconds"):
            outside.ask("POST", server.url, headers={}, content=b"", silent=5, seconds=0.3, most=10)
        server.answers = [(200, "a" * 100)]
        with pytest.raises(outside.NoAnswer, match="more than 10 bytes"):
            outside.ask("POST", server.url, headers={}, content=b"", silent=5, seconds=5, most=10)
    settings = WebhookSettings("house", "json", f"http://127.0.0.1:{port_of_its_own()}/s3cret")
    gone = WebhookChannel(settings, CLOCK).send(message(), "1")
    assert gone == TryAgain("The other side cannot be reached (ConnectError).", whole=True)


def test_wecom_is_told_the_text_and_whose_phones_to_mention() -> None:
    with web_server() as server:
        server.answers = [(200, {"errcode": 0, "errmsg": "ok"})]
        assert robot("wecom", server).send(message(LI_NA, WANG_LEI), "1") == Sent()
    text = "李楠、王磊：\n案件 TS-1 有新的通知。\n\nNews.\n\nhttps://r.example/n"
    assert server.hits[0].json == {
        "msgtype": "text",
        "text": {"content": text, "mentioned_mobile_list": ["13800000001"]},
    }


def test_dingtalk_is_signed_in_its_address_with_milliseconds() -> None:
    with web_server() as server:
        server.answers = [(200, {"errcode": 0, "errmsg": "ok"})]
        channel = robot("dingtalk", server, "/robot/send?access_token=t0ken", "SEC1")
        assert channel.send(message(), "1") == Sent()
    (hit,) = server.hits
    query = parse_qs(urlsplit(hit.path).query)
    at = str(int(NOW.timestamp() * 1000))
    sign = base64.b64encode(hmac.new(b"SEC1", f"{at}\nSEC1".encode(), hashlib.sha256).digest()).decode()
    assert query == {"access_token": ["t0ken"], "timestamp": [at], "sign": [sign]}
    assert hit.json["at"] == {"atMobiles": ["13800000001"], "isAtAll": False}


def test_feishu_is_signed_in_its_body_with_seconds() -> None:
    with web_server() as server:
        server.answers = [(200, {"code": 0, "msg": "success"})]
        assert robot("feishu", server, secret="SEC1").send(message(), "1") == Sent()
    at = str(int(NOW.timestamp()))
    sign = base64.b64encode(hmac.new(f"{at}\nSEC1".encode(), b"", hashlib.sha256).digest()).decode()
    body = server.hits[0].json
    assert (body["msg_type"], body["timestamp"], body["sign"]) == ("text", at, sign)
    assert body["content"]["text"].startswith("李楠：\n案件 TS-1")


@pytest.mark.parametrize(
    ("kind", "answer", "outcome"),
    [
        ("wecom", {"errcode": 93000, "errmsg": "bad hook t0ken"}, TryAgain("93000 bad hook …", whole=True)),
        ("wecom", {"errcode": 45002, "errmsg": "too long"}, Refused("45002 too long")),
        (
            "dingtalk",
            {"errcode": 310000, "errmsg": "sign not match"},
            TryAgain("310000 sign not match", whole=True),
        ),
        ("feishu", {"code": 19021, "msg": "sign match fail"}, TryAgain("19021 sign match fail", whole=True)),
        ("feishu", "<html>", TryAgain("The robot answered with no JSON object.", whole=True)),
    ],
)
def test_a_robot_that_answers_200_and_a_code_has_not_taken_it(
    kind: str, answer: Any, outcome: Outcome
) -> None:
    with web_server() as server:
        server.answers = [(200, answer)]
        assert robot(kind, server).send(message(), "1") == outcome


def test_a_text_for_a_robot_is_cut_between_characters_and_names_the_first_receivers() -> None:
    assert cut("投诉" * 400, 2000).endswith("…")
    assert len(cut("投诉" * 400, 2000).encode()) <= 2000
    many = [Receiver(str(number), str(number), f"员工{number}") for number in range(30)]
    with web_server() as server:
        server.answers = [(200, {"errcode": 0})]
        robot("wecom", server).send(message(*many, text="案" * 3000), "1")
    text = server.hits[0].json["text"]["content"]
    assert "员工19等 30 人：" in text
    assert len(text.encode()) <= 2000


def gateway(server: WebServer, **more: str) -> SmsChannel:
    named = {f"REDRESS_SMS_{name}": value for name, value in {"URL": f"{server.url}/sms", **more}.items()}
    settings = Settings.from_environment(named).sms
    assert settings is not None
    return SmsChannel(settings, CLOCK)


def test_a_gateway_gets_the_template_filled_and_nothing_in_it_is_a_template() -> None:
    hostile = Message((Receiver("13800000001", "li_na", '{id}","x":"'),), "", "", "案件 {to}", "")
    with web_server() as server:
        body = '{"mobile": "{to}", "parts": [{"content": "【投诉】{name}{text}"}], "seq": "{id}", "n": 1}'
        headers = '{"Authorization": "Bearer abc"}'
        assert gateway(server, BODY=body, HEADERS=headers).send(hostile, "key-1") == Sent()
        gateway(server, TYPE="form").send(message(), "key-2")
    first, second = server.hits
    assert first.json == {
        "mobile": "13800000001",
        "parts": [{"content": '【投诉】{id}","x":"案件 {to}'}],
        "seq": "key-1",
        "n": 1,
    }
    assert (first.headers["authorization"], first.headers["webhook-id"]) == ("Bearer abc", "key-1")
    assert parse_qs(second.body.decode()) == {
        "to": ["li_na"], "text": ["案件 TS-1 有新的通知。"], "id": ["key-2"],
    }  # fmt: skip


def test_a_gateway_says_in_its_own_word_what_it_has_taken() -> None:
    with web_server() as server:
        channel = gateway(server, TAKEN="result.code=0|OK", REFUSED="BLACKLIST")
        said = [{"code": 0}, {"code": "OK"}, {"code": "BLACKLIST", "to": "li_na"}, {"code": "BUSY"}]
        server.answers = [*((200, {"result": each}) for each in said), (200, "hello")]
        answers = [channel.send(message(), str(number)) for number in range(5)]
    assert answers == [
        Sent(),
        Sent(),
        Refused('{"result":{"code":"BLACKLIST","to":"…"}}'),
        TryAgain('{"result":{"code":"BUSY"}}'),
        TryAgain("The gateway answered with no JSON."),
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDRESS_WEBHOOK_CHAT_URL", "http://chat.example/s3cret"),
        ("REDRESS_WEBHOOK_CHAT_URL", "https://user:s3cret@chat.example/"),
        ("REDRESS_WEBHOOK_CHAT_URL", "ftp://chat.example/s3cret"),
        ("REDRESS_WEBHOOK_CHAT_URL", "https://chat.example:99999/s3cret"),
        ("REDRESS_WEBHOOK_CHAT_SECRET", "s3cret"),
        ("REDRESS_WEBHOOK_CHAT_URI", "https://chat.example/s3cret"),
        ("REDRESS_WEBHOOK_SMS_URL", "https://chat.example/s3cret"),
        ("REDRESS_SMS_URL", "http://sms.example/s3cret"),
        ("REDRESS_SMS_BODY", "s3cret"),
        ("REDRESS_SMS_SECRET", "s3cret"),
        ("REDRESS_SMS_PASSWORD", "s3cret"),
    ],
)
def test_settings_of_channels_that_cannot_work_are_refused_at_the_start_without_showing_a_secret(
    name: str, value: str
) -> None:
    with pytest.raises(SettingsError, match=name.rpartition("_")[0]) as told:
        Settings.from_environment({name: value})
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"REDRESS_WEBHOOK_A_KIND": "slack"}, "REDRESS_WEBHOOK_A_KIND"),
        ({"REDRESS_WEBHOOK_A_SECRET": "whsec_s3cret!"}, "REDRESS_WEBHOOK_A_SECRET"),
        ({"REDRESS_SMS_URL": "https://sms.example", "REDRESS_SMS_TAKEN": "code"}, "REDRESS_SMS_TAKEN"),
        ({"REDRESS_SMS_URL": "https://sms.example", "REDRESS_SMS_REFUSED": "1"}, "REDRESS_SMS_REFUSED"),
        (
            {"REDRESS_SMS_URL": "https://sms.example", "REDRESS_SMS_HEADERS": '{"A": "a\\nb"}'},
            "REDRESS_SMS_HEADERS",
        ),
        (
            {
                "REDRESS_SMS_URL": "https://sms.example",
                "REDRESS_SMS_TYPE": "form",
                "REDRESS_SMS_BODY": '{"a": 1}',
            },
            "BODY",
        ),
    ],
)
def test_a_channel_is_refused_at_the_start_when_its_settings_do_not_fit(
    more: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError, match=named) as told:
        Settings.from_environment({"REDRESS_WEBHOOK_A_URL": "https://chat.example/hook", **more})
    assert "s3cret" not in str(told.value)


def test_settings_say_which_channels_there_are_and_show_no_secret() -> None:
    settings = Settings.from_environment(
        {
            "REDRESS_WEBHOOK_HENAN_URL": "https://chat.example/hook/s3cret",
            "REDRESS_WEBHOOK_HENAN_KIND": "wecom",
            "REDRESS_WEBHOOK_HENAN_LABEL": "河南群",
            "REDRESS_WEBHOOK_HENAN_UNIT": "henan",
            "REDRESS_SMS_URL": "https://sms.example/s3cret",
            "REDRESS_SMS_HEADERS": '{"X-Key": "s3cret"}',
        }
    )
    (henan,) = settings.webhooks
    assert (henan.name, henan.kind, henan.label) == ("henan", "wecom", "河南群")
    assert henan.reaches("/hq/henan/henan_hotline/")
    assert not henan.reaches("/hq/henan_2/")
    assert not henan.reaches("")
    assert "s3cret" not in repr(settings)
