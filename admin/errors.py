"""Refusals as people read them: a page, a fragment for htmx, or JSON for the form island. Never a trace."""

from __future__ import annotations

import logging
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Response, g, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from admin.page import local_path
from engine.errors import (
    InvalidInput,
    NeedsBinding,
    NotFound,
    NotPermitted,
    RedressError,
    TooBusy,
    WrongState,
)
from tasks.evidence.refusals import PaperDamaged, PaperTooLarge, ScanFailed, TooSlow
from tasks.forms import AnswersRefused
from tasks.people.identity import NotSignedIn
from tasks.permissions.matrix import may

log = logging.getLogger("redress.admin")

KINDS: tuple[tuple[type[RedressError], int, str, str], ...] = (
    (
        NotSignedIn,
        401,
        "请重新登录",
        "登录已过期，请重新登录后再试。表单草稿保留在本机，其他已填写的内容请先复制。",
    ),
    (TooBusy, 503, "系统繁忙", "同样的请求太多，还没有处理完；没有改动任何内容，请过几秒再试。"),
    (ScanFailed, 503, "无法扫描", "文件没有经过扫描，没有保存。"),
    (TooSlow, 408, "上传太慢", "文件传输太慢，已停止接收。"),
    (PaperDamaged, 500, "附件损坏", "附件的存储内容与登记时不一致，已停止提供。"),
    (PaperTooLarge, 413, "文件过大", "上传的文件超过了允许的大小。"),
    (NotFound, 404, "没有找到", "没有找到所请求的内容，或者它与您的单位无关。"),
    (NotPermitted, 403, "没有权限", "您的岗位没有这项权限。"),
    (NeedsBinding, 409, "还不能启动", "流程还有待绑定的内容。"),
    (WrongState, 409, "状态已变化", "当前状态不允许这样做，请刷新后再看。"),
    (AnswersRefused, 422, "内容有误", "填写的内容没有通过检查。"),
    (InvalidInput, 422, "内容有误", "提交的内容不符合要求。"),
)
"""The first class that fits gives status, title and sentence."""

STATES = {
    "completed": "已经办结",
    "cancelled": "已被流程取消",
    "suspended": "所在流程已挂起",
    "created": "尚未认领",
}

DETAILS = {
    "csrf": "The page's security token is missing or old.",
    "characters": "The request holds a character that cannot be stored.",
}

HTTP_SENTENCES = {
    400: ("请求无效", "页面已过期或请求不完整。请先复制已填写的内容，刷新页面或重新登录后再试。"),
    404: ("没有找到", "没有这个页面。"),
    405: ("不能这样访问", "这个地址不能这样访问。"),
    413: ("文件过大", "上传的内容超过了允许的大小。"),
}


def sentence_of(error: RedressError) -> tuple[int, str, str]:
    """The status, the title and the Chinese sentence of a refusal of ours; its English is the error's own."""
    status, title, sentence = next(
        ((status, title, sentence) for kind, status, title, sentence in KINDS if isinstance(error, kind)),
        (400, "请求被拒绝", "请求被拒绝。"),
    )
    said, state = error.facts.get("message_zh"), str(error.facts.get("state") or "")
    if said:
        sentence = str(said)
    elif isinstance(error, WrongState) and state in STATES:
        sentence = f"这件工单{STATES[state]}。"
    return status, title, sentence


def refused(error: RedressError) -> AnyResponse:
    """Answer a refusal of ours."""
    status, title, sentence = sentence_of(error)
    if isinstance(error, NotSignedIn) and request.method == "GET":
        return redirect(url_for("admin.sign_in"))
    problems = [
        {"path": one.path, "message": one.message, "message_zh": one.message_zh}
        for one in getattr(error, "problems", [])
    ]
    return _answer(
        status,
        title,
        sentence,
        str(error),
        problems,
        mend=_page_that_mends(error),
        state=str(error.facts.get("state") or ""),
    )


def unforeseen(error: Exception) -> AnyResponse:
    """Answer what nobody thought of: logged with its trace, told without it; nothing was changed."""
    log.error("unforeseen error in %s %s", request.method, request.path, exc_info=error)
    return _answer(
        500,
        "出错了",
        "系统出错了，没有改动任何内容，已经记录。",
        "An unforeseen error; nothing was changed.",
        [],
    )


def http_refused(error: HTTPException) -> AnyResponse:
    """Answer a refusal of the web server: an unknown page, a missing token, a body that is too large."""
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    title, sentence = HTTP_SENTENCES.get(error.code or 500, ("出错了", "系统出错了，已经记录。请稍后再试。"))
    detail = DETAILS.get(error.description or "", error.description or "")
    return _answer(error.code or 500, title, sentence, detail, [], headers=error.get_headers())


def _answer(
    status: int,
    title: str,
    sentence: str,
    detail: str,
    problems: list[dict[str, Any]],
    headers: Any = (),
    mend: str | None = None,
    state: str = "",
) -> Response:
    """Answer in the form that was asked for. mend: the address of the page where the cause can be removed; state: that of the
    thing that was refused.
    """
    if request.is_json or request.accept_mimetypes.best == "application/json":
        response = jsonify(
            title=title, status=status, detail=detail, detail_zh=sentence, errors=problems, state=state
        )
    else:
        caller = getattr(g, "caller", None)
        response = make_response(
            render_template(
                "error.html",
                signed_in=caller is not None,
                me=caller,
                may=partial(may, caller) if caller else None,
                counts={"inbox": 0, "queue": 0, "late": False},
                unread=0,
                section="",
                title=title,
                title_en=HTTPStatus(status).phrase,
                sentence=sentence,
                detail=detail,
                back=_back(),
                mend=mend,
            )
        )
    if request.headers.get("HX-Request") and request.method != "GET":
        # What was sent and refused is told above the page, where everything typed still stands; what a page fetches by
        # itself never is.
        response.headers.update(
            {
                "HX-Retarget": "#refusal",
                "HX-Reselect": ".error-page",
                "HX-Reswap": "innerHTML show:window:top",
            }
        )
    for name, value in headers:
        if name.lower() == "allow":
            response.headers[name] = value
    response.status_code = status
    return response


def _page_that_mends(error: RedressError) -> str | None:
    """The page of the version that is still to be bound, for those who may read it."""
    caller = getattr(g, "caller", None)
    if not isinstance(error, NeedsBinding) or caller is None or not may(caller, "definition.read"):
        return None
    facts = error.facts
    return url_for("admin.process", key=facts["process"], version=facts["version"], _anchor="needs")


def _back() -> str | None:
    referrer = request.referrer or ""
    return local_path(referrer.removeprefix(request.host_url.rstrip("/"))) if referrer else None
