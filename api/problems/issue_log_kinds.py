"""Kinds of problems with the issue log."""

from __future__ import annotations

from api.problems.kind import ProblemKind

ISSUE_LOG_KINDS = (
    ProblemKind(
        "not-in-issue-log",
        404,
        "签发日志中没有这份证照",
        "The issue log does not have this license",
        "签发日志中没有这份证照：它不是由本证照库签发的。",
        "The issue log does not have this license: it was not issued by this library.",
    ),
    ProblemKind(
        "not-in-checkpoint-yet",
        409,
        "尚未载入检查点",
        "It is not in a checkpoint yet",
        "这份证照已登记，将随下一个检查点载入签发日志。请一分钟后再取。",
        "The license is entered and comes into the issue log with the next checkpoint. Ask again "
        "in a minute.",
    ),
    ProblemKind(
        "countersignature-refused",
        422,
        "见证签名未被接受",
        "The countersignature is not accepted",
        "见证签名未被接受（{reason}）。",
        "The countersignature is not accepted ({reason}).",
        ("reason",),
    ),
)
