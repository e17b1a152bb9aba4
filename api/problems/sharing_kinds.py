"""Kinds of problems with sharing documents, verification receipts and intake."""

from __future__ import annotations

from api.problems.kind import ProblemKind

SHARING_KINDS = (
    ProblemKind(
        "sharing-document-not-found",
        404,
        "没有此项共享文件",
        "This is not published",
        "该地区没有发布，或没有此版本 ({kind})。",
        "The region has not published it, or not in this version ({kind}).",
        ("kind",),
    ),
    ProblemKind(
        "sharing-document-refused",
        409,
        "不接受此共享文件",
        "The sharing document is not taken",
        "签名不可信、版本较旧或同一版本有两份 ({reason})。",
        "Its signature is not trusted, it is older, or there are two of one version ({reason}).",
        ("reason",),
    ),
    ProblemKind(
        "verification-receipt-not-found",
        404,
        "没有此核验回执",
        "There is no such verification receipt",
        "没有此编号的核验回执。",
        "There is no verification receipt of this number.",
    ),
    ProblemKind(
        "intake-refused",
        409,
        "不能收入证照夹",
        "The file is not taken into the vault",
        "文件不是伙伴地区签发给本人的有效证照 ({reason})。",
        "It is no valid license that a partner region issued to this holder ({reason}).",
        ("reason",),
    ),
    ProblemKind(
        "partner-license-not-found",
        404,
        "证照夹中没有此伙伴地区证照",
        "There is no such partner license in the vault",
        "没有此证照，或者不对当前调用者开放。",
        "There is no such license, or none that you may see.",
    ),
)
