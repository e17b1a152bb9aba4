"""What a person reads of a license's parts and conditions, on the page and in the terminal.

From a report as ``api.member_reports`` makes it; nothing is asked here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def member_lines(license_: Mapping[str, Any] | None) -> list[tuple[str, str, str]]:
    """Return what a person reads of parts and conditions: (zh, en, state in both languages)."""
    if not license_:
        return []
    parts: Sequence[Mapping[str, Any]] = license_.get("parts", ())
    conditions: Sequence[Mapping[str, Any]] = license_.get("conditions", ())
    return [
        *(
            (
                f"分项 {part['position']}",
                f"part {part['code']}",
                f"{part['status']['zh']} {part['status']['en']}",
            )
            for part in parts
        ),
        *(
            (f"条件 {each['position']}", f"condition, due {each['due']}", _standing(each))
            for each in conditions
        ),
    ]


def _standing(condition: Mapping[str, Any]) -> str:
    if condition["fulfilled_at"] is not None:
        return "已履行 fulfilled"
    return "逾期未履行 overdue" if condition["overdue"] else "待履行 open"
