"""What to do after a refusal, mostly by its status: for the person at a page and for a program."""

from __future__ import annotations

from dataclasses import dataclass

Words = dict[str, str]


@dataclass(frozen=True, slots=True)
class Help:
    """What a family of problems is called, what a person does, what a program does."""

    name: Words
    person: Words
    program: Words


def _help(name: tuple[str, str], person: tuple[str, str], program: tuple[str, str]) -> Help:
    return Help(*({"zh": zh, "en": en} for zh, en in (name, person, program)))


_WRONG = _help(
    ("请求有误", "The request is wrong"),
    (
        "改正所指出的内容后再提交一次；没有任何事项被办理。",
        "Put right what is pointed out and send it again; nothing was done.",
    ),
    (
        "同样的请求再发也会被拒绝。依 errors 中的位置改正，换新的 Idempotency-Key 再发。",
        "The same request is refused again. Correct the places in errors, and send it with a "
        "new Idempotency-Key.",
    ),
)
_NOT_YOU = _help(
    ("未登录或登录已过期", "Not logged in, or no longer"),
    ("请重新登录，再打开该页。", "Log in again and open the page once more."),
    ("换取新的令牌后重发。", "Get a new token and send the request again."),
)
_MAY_NOT = _help(
    ("没有权限", "Not permitted"),
    (
        "请向本机构的安全管理员申请所列权限；重试无用。",
        "Ask the security administrator of your organisation for the right; trying again does "
        "not help.",
    ),
    (
        "勿重试。核对客户端的权限与所属机构。",
        "Do not try again. Look at the client's scopes and organisation.",
    ),
)
_NOT_THERE = _help(
    ("没有此内容", "Not there"),
    (
        "请核对号码或链接。看不到的内容与不存在的内容，答复相同。",
        "Compare the number or link. What you may not see answers like what does not exist.",
    ),
    (
        "核对路径中的标识；勿据此判断该内容不存在。",
        "Check the identifiers in the path; do not conclude that the thing does not exist.",
    ),
)
_CONFLICT = _help(
    ("与现状冲突", "In conflict with how things are"),
    (
        "请刷新页面，看清现在的状态再办。",
        "Load the page again and look at the present state first.",
    ),
    (
        "先读取现状，再决定；“正在办理”的，稍后用同一 Idempotency-Key 重发。",
        "Read the present state, then decide; if it is in progress, send it again later with "
        "the same Idempotency-Key.",
    ),
)
_TOO_LARGE = _help(
    ("太大", "Too large"),
    ("请减小文件，或分成几次。", "Make the file smaller, or send several."),
    ("勿重试；大小上限见 docs/settings.md。", "Do not try again; limits are in docs/settings.md."),
)
_TOO_MANY = _help(
    ("次数已用完", "Quota used up"),
    ("请稍后再试。", "Try again later."),
    ("按 Retry-After 等待后重发。", "Wait as Retry-After says, then send it again."),
)
_OUR_FAULT = _help(
    ("服务方的问题", "Our side"),
    (
        "请记下 request_id 交给运维人员；未告知办成的事，没有办成。",
        "Give the request_id to the operators; what was not said to be done was not done.",
    ),
    (
        "用同一 Idempotency-Key 重发是安全的：已办成的不会再办一次。",
        "Sending it again with the same Idempotency-Key is safe: nothing is done twice.",
    ),
)
_LATER = _help(
    ("暂时无法办理", "Not now"),
    ("请过几分钟再试。", "Try again in a few minutes."),
    (
        "按 Retry-After 等待，用同一 Idempotency-Key 重发：已办成的不会再办一次。",
        "Wait as Retry-After says and send it with the same Idempotency-Key: nothing is done "
        "twice.",
    ),
)
_OUT_OF_DATE = _help(
    ("页面已过期", "The page is out of date"),
    (
        "请重新打开该页，再填写并提交。",
        "Open the page anew, then fill it in and send it.",
    ),
    ("勿模拟页面的表单；请调用接口。", "Do not imitate the forms of pages; call the API."),
)
_NOT_SO = _help(
    ("不支持的方法", "Method not allowed"),
    (
        "请回到首页，从那里打开所要的页面；没有任何事项被办理。",
        "Go to the start page and open what you need from there; nothing was done.",
    ),
    ("核对方法与路径，见 /docs。", "Compare method and path with /docs."),
)
_BY_STATUS = {
    401: _NOT_YOU,
    403: _MAY_NOT,
    404: _NOT_THERE,
    405: _NOT_SO,
    410: _NOT_THERE,
    409: _CONFLICT,
    412: _CONFLICT,
    413: _TOO_LARGE,
    429: _TOO_MANY,
    500: _OUR_FAULT,
    503: _LATER,
}


_BY_CODE = {"form-refused": _OUT_OF_DATE}


def help_of(status: int, code: str = "") -> Help:
    """Return what to do about a problem of a status; of some codes something else."""
    return _BY_CODE.get(code) or _BY_STATUS.get(status, _WRONG)
