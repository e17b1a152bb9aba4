"""The envelope of the GB/T 36906 family: {head: {status, code, message}, data}, and its codes.

Every refusal of the service has one code here; the table is the only place that knows both.

Source: GB/T 36906-2018, as two systems in the field write it (docs/compat.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.problems.answers import Problem
from license_vault.errors import FieldProblem

OK, FAILED = "0", "1"
NOT_GRANTED, TIMED_OUT, NOTHING_FOUND, WRONG_PARAMETER = "1", "2", "3", "4"
COPY_NOT_MADE, LIMITED = "9", "17"
NAMES = {
    NOT_GRANTED: "未获得授权",
    TIMED_OUT: "服务超时",
    NOTHING_FOUND: "未检索到记录",
    WRONG_PARAMETER: "参数错误",
    COPY_NOT_MADE: "生成失败",
    LIMITED: "服务访问限制",
}
_OF_SLUG = {"copy-refused": COPY_NOT_MADE}
_OF_STATUS = {
    400: WRONG_PARAMETER,
    401: NOT_GRANTED,
    403: NOT_GRANTED,
    404: NOTHING_FOUND,
    406: WRONG_PARAMETER,
    409: WRONG_PARAMETER,
    410: NOTHING_FOUND,
    413: WRONG_PARAMETER,
    415: WRONG_PARAMETER,
    422: WRONG_PARAMETER,
    429: LIMITED,
}


def succeeded(data: object) -> dict[str, Any]:
    """Return the answer to what was done."""
    return {"head": {"status": OK, "code": "", "message": ""}, "data": data}


def _at(place: FieldProblem) -> str:
    return f"{place.message_zh} {place.message_en} {place.pointer}".rstrip()


def failed(problem: Problem) -> dict[str, Any]:
    """Return the answer to what was refused: the family's code, our slug and both sentences."""
    slug, status = problem.kind.slug, problem.kind.status
    code = _OF_SLUG.get(slug) or _OF_STATUS.get(status, TIMED_OUT)
    messages: Mapping[str, Mapping[str, str]] = problem.kind.messages(problem.values)
    said = f"{messages['zh']['detail']} {messages['en']['detail']}"
    if problem.places:
        # The family has no list of errors: each place says here what is wrong with it.
        said = "; ".join(_at(place) for place in problem.places)
    told = f"{NAMES[code]}：{said} [{slug}]"
    return {"head": {"status": FAILED, "code": code, "message": told}, "data": {}}
