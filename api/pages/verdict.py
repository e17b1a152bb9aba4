"""A verification report as a page shows it: the sentence first, then what it rests on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.member_lines import member_lines
from api.pages.rendering import instant
from api.pages.verify_lines import Line, Words, four_lines, outcome_words
from api.pages.verify_regions import region_name
from api.pages.verify_words import next_words, not_checked_words
from api.pages.visitor import Language

# A colour and a mark beside the words, never colour alone.
_TONES = {
    "valid": ("good", "✓"),
    "valid_copy": ("copy", "⧉"),
    "not_in_force": ("ended", "■"),
    "indeterminate": ("unknown", "?"),
    "altered": ("bad", "✕"),
    "untrusted": ("bad", "✕"),
    "unsealed": ("bad", "✕"),
}
Fact = tuple[str, str, str]  # zh, en, value
# Whoever fails one of these may have written the file himself.
_BYTES = frozenset({"integrity", "references", "coverage", "manifest", "content"})
_SEALER = frozenset({"seal", "seal-data", "certificate", "chain", "authority"})
_OPEN = frozenset({"failed", "indeterminate"})
# The seal is of a maker whom we know; no stranger wrote the file.
_OF_A_KNOWN_MAKER = "maker-revocation-unknown"
_PROVEN = frozenset({"valid", "valid_copy", "not_in_force"})


@dataclass(frozen=True, slots=True)
class Part:
    """One report, or a manifest, ready to be shown. ``first`` fits the first screen.

    ``proven``: what the file says was sealed by whom we know; else it is only its own claim, and
    stands below, under that heading.
    """

    report: Mapping[str, Any]
    form: str
    tone: str
    mark: str
    first: tuple[Fact, ...]
    more: tuple[Fact, ...]
    proven: bool
    lines: tuple[Line, ...]
    not_checked: tuple[Words, ...]

    @property
    def checks(self) -> list[tuple[str, Words, Mapping[str, Any]]]:
        """Return every single check with its mark and words."""
        return [(*outcome_words(check["outcome"]), check) for check in self.report["checks"]]


def parts_of(answer: Mapping[str, Any], language: Language) -> tuple[Part, ...]:
    """Return each report and each manifest of an answer of the API."""
    found = [*answer["reports"], *answer["manifests"]] if "reports" in answer else [answer]
    return tuple(_part(report, language) for report in found)


def tone_of(verdict: str) -> tuple[str, str]:
    """Return colour and mark of a verdict."""
    return _TONES.get(verdict, ("unknown", "?"))


def technical_text(answer: Mapping[str, Any]) -> str:
    """Return the technical report: all that the API answered but the pictures."""
    shown = {name: value for name, value in answer.items() if name != "pictures"}
    if "reports" in shown:
        shown["reports"] = [
            {name: value for name, value in report.items() if name != "pictures"}
            for report in shown["reports"]
        ]
    return json.dumps(shown, ensure_ascii=False, indent=2)


def _part(report: Mapping[str, Any], language: Language) -> Part:
    tone, mark = tone_of(_conclusion(report))
    is_document, proven = "document" in report, _is_proven(report)
    return Part(
        report=report,
        form=report["document"]["form"] if is_document else "manifest",
        tone=tone,
        mark=mark,
        first=tuple(_first(report, language, proven=proven)) if is_document else (),
        more=tuple(_more(report, language, proven=proven)) if is_document else (),
        proven=proven,
        lines=four_lines(report["checks"]) if is_document else (),
        not_checked=tuple(not_checked_words(code) for code in report.get("not_checked", ())),
    )


def _conclusion(report: Mapping[str, Any]) -> str:
    """Return the verdict that a page colours: of a genuine receipt what it concluded."""
    told = report.get("receipt") if report["verdict"] == "valid" else None
    return str((told or {}).get("verdict", report["verdict"]))


def _is_proven(report: Mapping[str, Any]) -> bool:
    """Say whether what the file says may be told as a fact, whatever its state is now."""
    if report["verdict"] != "indeterminate":
        return report["verdict"] in _PROVEN
    open_ = [check for check in report["checks"] if check["outcome"] in _OPEN]
    doubts = {check["check"] for check in open_ if check["code"] != _OF_A_KNOWN_MAKER}
    return not doubts & (_BYTES | _SEALER)


def is_proven_verdict(verdict: str) -> bool:
    """Say whether a conclusion alone makes what the file says of itself a fact."""
    return verdict in _PROVEN


def _first(report: Mapping[str, Any], language: Language, *, proven: bool) -> list[Fact]:
    """Return what the first screen says below the sentence: facts only if they are proven."""
    rows = [
        *(_names(report, language) if proven else ()),
        ("状态", "State", _as_of(report, language)),
    ]
    decision = report.get("decision")
    if decision is not None:
        reasons = [reason["sentence"][language] for reason in decision["reasons"]]
        joint = "；" if language == "zh" else ". "
        told = f"{decision['sentence'][language]} — {joint.join(reasons)}"
        rows.append(("办事", "Decision", told))
    rows.append(("下一步", "Next", next_words(report)[language]))
    return [row for row in rows if row[2]]


def _names(report: Mapping[str, Any], language: Language) -> list[Fact]:
    license_ = _license_first(report.get("license"), language)
    return [*_copy_first(report.get("copy")), *license_]


def _license_first(license_: Mapping[str, Any] | None, language: Language) -> list[Fact]:
    if not license_:
        return []
    until = license_["valid_until"]
    return [
        ("证照", "License", license_["type"]["name"]),
        ("持证主体", "Holder", "、".join(license_.get("holders") or ())),
        ("有效期至", "Valid until", "no end" if (until, language) == ("长期", "en") else until),
    ]


def _copy_first(copy: Mapping[str, Any] | None) -> list[Fact]:
    if not copy:
        return []
    return [
        ("证照", "License", copy["parent"]["type"]["name"]),
        ("仅供", "Only for", f"{copy['user']} {copy['item']['name'] or copy['purpose']}"),
        ("有效期至", "Valid until", instant(copy["expires_at"])),
    ]


def _as_of(report: Mapping[str, Any], language: Language) -> str:
    """Return until when the state is known, and from which region."""
    told = next((c for c in report["checks"] if c["check"] == "status" and c["known_at"]), None)
    if told is None:
        return "未取得" if language == "zh" else "not known"
    when, trust = instant(told["known_at"]), report.get("trust")
    region = region_name(trust["region"], language) if trust else ""
    zh, en = f"截至 {when}，{region}", f"as of {when}, from {region}"
    return zh if language == "zh" else en


def _more(report: Mapping[str, Any], language: Language, *, proven: bool) -> list[Fact]:
    license_, copy = report.get("license"), report.get("copy")
    rows: list[Fact] = [] if proven else _names(report, language)
    if copy:
        rows += [
            ("办理事项", "Item", copy["item"]["name"]),
            ("用途", "Purpose", copy["purpose"]),
            ("原证照标识", "Identifier of the license", copy["parent"]["identifier"]),
        ]
    if license_:
        rows += [
            ("证照编号", "Number", license_.get("number") or ""),
            ("发证机关", "Authority", license_["authority"]["name"]),
            ("有效期自", "Valid from", license_["valid_from"]),
            ("证照标识", "Identifier", license_["identifier"]),
            *member_lines(license_),
        ]
    rows.append(("文件 SM3", "SM3 of the file", report["document"]["sm3"]))
    return [row for row in rows if row[2]]
