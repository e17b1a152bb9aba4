"""Kinds of problems with webhooks and with reports to the upper directory."""

from __future__ import annotations

from api.problems.kind import ProblemKind

EVENT_KINDS = (
    ProblemKind(
        "address-refused",
        422,
        "不能向该地址推送",
        "That address is not called",
        "推送地址须为可解析的公网 https 地址，不含口令与片段 ({reason})。",
        "It must be an https address on the open Internet that resolves, without a password or "
        "a fragment ({reason}).",
        ("reason",),
    ),
    ProblemKind(
        "webhook-not-found",
        404,
        "没有此订阅",
        "There is no such webhook",
        "没有此订阅，或者不属于本机构。",
        "There is no such webhook, or it is not your organisation's.",
    ),
    ProblemKind(
        "webhook-state",
        409,
        "订阅现状不允许此操作",
        "The webhook's state does not allow this",
        "该订阅现为“{current}”，不能“{act}”。",
        "The webhook is {current}; the act {act} is not possible now.",
        ("current", "act"),
    ),
    ProblemKind(
        "report-not-found",
        404,
        "问题清单中没有该证照",
        "This license is not on the work list",
        "上级目录没有退回该证照，或者不对当前调用者开放。",
        "The upper directory refused no report of it, or none that you may see.",
    ),
)
