"""Kinds of problems with what licenses are read for: the use that is told, and grants."""

from __future__ import annotations

from api.problems.kind import ProblemKind

ACCESS_KINDS = (
    ProblemKind(
        "use-required",
        400,
        "缺少用证五要素与用途",
        "It must be said what the licenses are read for",
        "程序、工作人员与设备查看证照须带 License-Use 请求头："
        "操作者、事项名称、事项编码、办件编号、用途。",
        "Programs, officers and devices that read licenses need a License-Use header: operator, "
        "item name, item code, case number and purpose.",
    ),
    ProblemKind(
        "use-invalid",
        422,
        "用证五要素或用途有误",
        "What the licenses are read for cannot be used",
        "errors 指出 License-Use 请求头中有误之处；各项为 1 至 200 个字符的文本。",
        "The member errors points into the header License-Use; each member is a text of 1 to "
        "200 characters.",
    ),
    ProblemKind(
        "access-not-granted",
        403,
        "没有此项用证授权",
        "This use was not granted",
        "本机构未获准在事项 {item_code} 中以该用途使用证照类型 {type_code}，"
        "或授权已到期。请申请用证授权。",
        "Your organisation was not granted the use of license type {type_code} in item "
        "{item_code} for this purpose, or the grant has ended. Request access.",
        ("type_code", "item_code"),
    ),
    ProblemKind(
        "access-request-not-found",
        404,
        "没有此用证申请",
        "There is no such access request",
        "没有此用证申请，或者不对当前调用者开放。",
        "There is no such access request, or none that you may see.",
    ),
    ProblemKind(
        "access-request-state",
        409,
        "用证申请现状不允许此操作",
        "The access request's state does not allow this",
        "该申请现为“{current}”，不能办理“{act}”。",
        "The request is {current}; the act {act} is not possible now.",
        ("current", "act"),
    ),
    ProblemKind(
        "access-period-invalid",
        422,
        "授权期限不合规",
        "A grant cannot last like this",
        "授权须在今日之后、{longest_days} 日之内到期。",
        "A grant must end after today and within {longest_days} days.",
        ("longest_days",),
    ),
)
