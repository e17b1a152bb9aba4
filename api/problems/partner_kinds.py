"""Kinds of problems with partner regions."""

from __future__ import annotations

from api.problems.kind import ProblemKind

PARTNER_KINDS = (
    ProblemKind(
        "partner-not-found",
        404,
        "没有此伙伴地区",
        "There is no such partner region",
        "{region} 不是已接受的伙伴地区：其信任名单须先由两人凭函件指纹接受。",
        "{region} is no accepted partner region: two people accept its trust list first, by the "
        "fingerprint of the official letter.",
        ("region",),
    ),
    ProblemKind(
        "partner-suspended",
        409,
        "该伙伴地区已暂停",
        "The partner region is suspended",
        "本地区运维已暂停与 {region} 的往来。",
        "An operator here has suspended the exchange with {region}.",
        ("region",),
    ),
    ProblemKind(
        "own-region",
        409,
        "这是本地区",
        "This is our own region",
        "{region} 是本地区，不是伙伴地区。",
        "{region} is this node's own region, and no partner.",
        ("region",),
    ),
    ProblemKind(
        "partner-data-refused",
        409,
        "未采用伙伴地区发来的数据",
        "What the partner region sent is not taken",
        "未取得或未采用伙伴地区的数据 ({reason})，原有数据继续有效。",
        "Nothing came, or it was refused ({reason}); what was kept stays in use.",
        ("reason",),
    ),
    ProblemKind(
        "number-of-partner-region",
        403,
        "这是伙伴地区的证照标识",
        "The number is of a partner region's license",
        "证照由 {region} 签发。请核验文件本身；或以机构身份登录并附 License-Use，"
        "由本地区向其取得证照后核验。",
        "The license is of region {region}. Verify its file; or log in as an organisation and say "
        "what for (License-Use): the region is then asked for it.",
        ("region",),
    ),
)
