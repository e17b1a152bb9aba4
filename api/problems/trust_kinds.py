"""Kinds of problems with trust lists."""

from __future__ import annotations

from api.problems.kind import ProblemKind

TRUST_KINDS = (
    ProblemKind(
        "trust-list-refused",
        409,
        "信任名单未予接受",
        "The trust list is not accepted",
        "{region} 的信任名单或所输指纹未予接受 ({reason})；已记录并告警，原名单继续使用。",
        "The trust list of {region}, or the fingerprint that was typed, is refused ({reason}). "
        "It is recorded and an alarm was raised; the list in use stays in use.",
        ("region", "reason"),
    ),
    ProblemKind(
        "own-trust-list",
        409,
        "本地区信任名单不能这样办理",
        "That is not possible with our own trust list",
        "本地区的信任名单或根不能这样办理 ({reason} {detail})。",
        "Our own trust list or root does not allow this ({reason} {detail}).",
        ("reason", "detail"),
    ),
)
