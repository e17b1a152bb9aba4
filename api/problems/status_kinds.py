"""Kinds of problems with status lists."""

from __future__ import annotations

from api.problems.kind import ProblemKind

STATUS_KINDS = (
    ProblemKind(
        "changes-gone",
        410,
        "不再提供自该序号起的变更",
        "The changes since that sequence are not told",
        "没有自序号 {since} 起的变更：请取状态列表的两个完整文件，再由其序号起取变更。",
        "There are no changes since sequence {since}: fetch the two whole files of the status "
        "list, and go on from their sequence.",
        ("since",),
    ),
)
