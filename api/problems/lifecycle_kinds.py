"""Kinds of problems with what happens to a license after it is issued."""

from __future__ import annotations

from api.problems.kind import ProblemKind

LIFECYCLE_KINDS = (
    ProblemKind(
        "version-pending",
        409,
        "已有待生效的新版本",
        "Another version is on its way",
        "本证照的新版本 {identifier} 正在制作或待生效。请等其生效，或先将其注销。",
        "The version {identifier} is being made or waits for its day. Wait for it, or cancel it.",
        ("identifier",),
    ),
    ProblemKind(
        "renewal-too-late",
        422,
        "延续申请已逾期",
        "The renewal was not applied for in time",
        "延续申请最迟应于 {last_day} 提出（《行政许可法》第五十条）。",
        "The renewal had to be applied for by {last_day} (行政许可法, article 50).",
        ("last_day",),
    ),
    ProblemKind(
        "renewal-not-pending",
        409,
        "没有待决定的延续申请",
        "No renewal waits for a decision",
        "本证照没有待决定的延续申请，或者长期有效，无须延续。",
        "No renewal of this license waits for a decision, or it has no last day to renew.",
    ),
    ProblemKind(
        "license-not-transferred",
        409,
        "原证照不能转入",
        "The earlier license cannot be taken over",
        "previous_identifier 所指证照不是其他机关已转出的同类、同一持证主体的证照。",
        "The license named in previous_identifier is none of this type and these holders that "
        "another authority has transferred out.",
    ),
)
