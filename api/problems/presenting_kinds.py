"""Kinds of problems with presenting, devices and purpose-bound copies."""

from __future__ import annotations

from api.problems.kind import ProblemKind

PRESENTING_KINDS = (
    ProblemKind(
        "presentation-not-found",
        404,
        "没有此亮证记录",
        "There is no such presentation",
        "没有此亮证记录，或者不对当前调用者开放。",
        "There is no such presentation, or none that you may see.",
    ),
    ProblemKind(
        "presentation-code-unusable",
        409,
        "亮证码不可用",
        "The presenting code opens nothing now",
        "亮证码不存在、已使用、已过期或已撤回 ({reason})。请持证人重新出示。",
        "The code is unknown, used, expired or withdrawn ({reason}). Ask the holder for another.",
        ("reason",),
    ),
    ProblemKind(
        "type-not-needed",
        403,
        "该事项不需要此类证照",
        "The item needs no such license",
        "事项 {item_code} 不需要此类证照；设备只能查看所办事项需要的证照。",
        "Item {item_code} needs no license of this type; a device sees only what its item needs.",
        ("item_code",),
    ),
    ProblemKind(
        "copy-not-found",
        404,
        "没有此加注件",
        "There is no such purpose-bound copy",
        "没有此加注件，或者不对当前调用者开放。",
        "There is no such purpose-bound copy, or none that you may see.",
    ),
    ProblemKind(
        "copy-refused",
        409,
        "不能制作加注件",
        "No purpose-bound copy can be made",
        "证照不在有效状态、没有 PDF 文件，或有效期不合规 ({reason})。",
        "The license is not in force, has no PDF, or the period does not fit ({reason}).",
        ("reason",),
    ),
)
