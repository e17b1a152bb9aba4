"""Kinds of problems with bulk jobs."""

from __future__ import annotations

from api.problems.kind import ProblemKind

BULK_KINDS = (
    ProblemKind(
        "job-not-found",
        404,
        "没有此批量作业",
        "There is no such job",
        "没有此批量作业，或者不对当前调用者开放。",
        "There is no such job, or none that you may see.",
    ),
    ProblemKind(
        "job-state",
        409,
        "作业现状不允许此操作",
        "The job's state does not allow this",
        "作业现为“{state}”，不能“{wanted}”。",
        "The job is {state}; it cannot be {wanted}.",
        ("state", "wanted"),
    ),
    ProblemKind(
        "rows-unreadable",
        422,
        "无法按行读取",
        "This cannot be read as rows",
        "内容不是可读取的 NDJSON 或 CSV（{code}，位置 {place}）。"
        "单独一行的问题不在此列，见作业的错误清单。",
        "It is no NDJSON or CSV that can be read ({code} at {place}). What is wrong with single "
        "rows stands in the job's errors instead.",
        ("code", "place"),
    ),
)
