"""Kinds of problems in a holder's vault: mandates, prints, disputes, handles."""

from __future__ import annotations

from api.problems.kind import ProblemKind

HOLDING_KINDS = (
    ProblemKind(
        "mandate-not-found",
        404,
        "没有此授权",
        "There is no such mandate",
        "没有此授权或代表关系，或者不对当前调用者开放。",
        "There is no such mandate or representation, or none that you may see.",
    ),
    ProblemKind(
        "mandate-invalid",
        422,
        "授权不成立",
        "The mandate cannot be given so",
        "代理人就是本人、期限已过，或者自然人没有法定代表人 ({reason})。",
        "The agent is the holder, the term is over, or a natural person has no legal "
        "representative ({reason}).",
        ("reason",),
    ),
    ProblemKind(
        "print-not-found",
        404,
        "没有此打印件",
        "There is no such print",
        "没有此编号的打印件；请核对纸面上的编号或二维码。",
        "No print has this code. Compare it with the code on the paper.",
    ),
    ProblemKind(
        "license-not-in-force",
        409,
        "证照不在有效状态",
        "The license is not in force",
        "证照现为“{current}”；此操作只适用于有效的证照。",
        "The license is {current}; this is done with a license in force only.",
        ("current",),
    ),
    ProblemKind(
        "dispute-not-found",
        404,
        "没有此异议",
        "There is no such dispute",
        "没有此编号的异议，或者不对当前调用者开放。",
        "No dispute has this number, or none that you may see.",
    ),
    ProblemKind(
        "dispute-open",
        409,
        "该项异议正在处理",
        "This is disputed already",
        "对该证照的同一项内容已有未答复的异议 {number}。",
        "The same field of this license has the dispute {number}, not answered yet.",
        ("number",),
    ),
    ProblemKind(
        "dispute-answered",
        409,
        "异议已经答复",
        "The dispute is answered",
        "每件异议只答复一次；不服的，可另行提出。",
        "A dispute is answered once; whoever disagrees may file another.",
    ),
    ProblemKind(
        "holder-handle-unusable",
        404,
        "持证主体句柄不可用",
        "The holder's handle cannot be used",
        "句柄不存在、已过期，或不是发给本机构的；请在持证主体在场时重新换取。",
        "It is unknown, expired, or was given to another organisation. Trade for a new one "
        "while the holder is present.",
    ),
)
