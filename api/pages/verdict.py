"""A verification report as a page shows it: the sentence first, then what it rests on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import HTMLResponse

from api.member_lines import member_lines
from api.pages.rendering import show
from api.pages.visitor import Visitor

# Words, a mark and a colour, never colour alone.
_TONES = {
    "valid": ("good", "✓"),
    "valid_copy": ("copy", "⧉"),
    "not_in_force": ("ended", "■"),
    "indeterminate": ("unknown", "?"),
    "altered": ("bad", "✕"),
    "untrusted": ("bad", "✕"),
    "unsealed": ("bad", "✕"),
}
_OUTCOMES = {
    "passed": "✓ 通过 passed",
    "failed": "✕ 未通过 failed",
    "indeterminate": "? 无法判定 indeterminate",
    "not_checked": "– 未检查 not checked",
}


def verify_page(
    visitor: Visitor,
    answer: Mapping[str, Any] | None = None,
    problem: Mapping[str, Any] | None = None,
    status: int = 200,
    codes: Mapping[str, Any] | None = None,
) -> HTMLResponse:
    """Return the page that verifies, with what was found, or a problem, on top.

    Args:
        answer: the report on one file, or on several together, as the API gives it.
        codes: what the page reads QR codes by (``qr_keys.page_keys``).
    """
    parts = _parts(answer) if answer else []
    return show(
        visitor,
        "verify.html",
        status=status,
        parts=parts,
        together=answer["sentence"] if answer and len(answer.get("reports", ())) > 1 else None,
        problem=problem,
        codes=codes,
        outcomes=_OUTCOMES,
        report_text=json.dumps(answer, ensure_ascii=False, indent=2) if answer else "",
    )


def _parts(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each report and each manifest with how it is shown."""
    found = [*answer["reports"], *answer["manifests"]] if "reports" in answer else [answer]
    return [
        {
            "report": report,
            "tone": _TONES[report["verdict"]][0],
            "mark": _TONES[report["verdict"]][1],
            "facts": [*_copy_facts(report.get("copy")), *_facts(report.get("license"))],
            "form": report["document"]["form"] if "document" in report else "manifest",
        }
        for report in found
    ]


def _copy_facts(copy: Mapping[str, Any] | None) -> list[tuple[str, str, str]]:
    if not copy:
        return []
    rows = [
        ("仅供", "only for", copy["user"]),
        ("办理事项", "item", copy["item"]["name"]),
        ("用途", "purpose", copy["purpose"]),
        ("有效期至", "until", copy["expires_at"]),
        ("证照类型", "type", copy["parent"]["type"]["name"]),
        ("原证照标识", "identifier of the license", copy["parent"]["identifier"]),
    ]
    return [row for row in rows if row[2]]


def _facts(license_: Mapping[str, Any] | None) -> list[tuple[str, str, str]]:
    if not license_:
        return []
    rows = [
        ("证照类型", "type", license_["type"]["name"]),
        ("证照编号", "number", license_.get("number") or ""),
        ("持证主体", "holder", "、".join(license_.get("holders") or ())),
        ("发证机关", "authority", license_["authority"]["name"]),
        ("有效期自", "valid from", license_["valid_from"]),
        ("有效期至", "valid until", license_["valid_until"]),
        ("证照标识", "identifier", license_["identifier"]),
    ]
    return [*(row for row in rows if row[2]), *member_lines(license_)]
