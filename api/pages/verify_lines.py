"""The four lines that every answer has, from the checks of a report. Pure.

Unchanged, seal and certificate, in force, issuer recognised here: each with its result, how we
know, and from when. The single checks stand below them on the page, and in the technical report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Words = Mapping[str, str]
Check = Mapping[str, Any]

# A mark, a tone for the colour, and words: never colour alone.
_OUTCOMES: Final[Mapping[str, tuple[str, str, Words]]] = {
    "failed": ("✕", "bad", {"zh": "未通过", "en": "failed"}),
    "indeterminate": ("?", "unknown", {"zh": "无法判定", "en": "cannot be determined"}),
    "passed": ("✓", "good", {"zh": "通过", "en": "passed"}),
    "not_checked": ("–", "unknown", {"zh": "未检查", "en": "not checked"}),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: ``known`` is an instant as the report has it, None: told by the file itself.

    ``is_lacking``: what it takes to tell was not at hand.
    """

    name: Words
    outcome: str
    sentences: tuple[Words, ...]
    how: tuple[Words, ...]
    known: str | None
    is_lacking: bool

    @property
    def mark(self) -> str:
        """Return the sign before the words."""
        return _OUTCOMES[self.outcome][0]

    @property
    def tone(self) -> str:
        """Return the class of colours."""
        return _OUTCOMES[self.outcome][1]

    @property
    def words(self) -> Words:
        """Return the outcome in words."""
        return _OUTCOMES[self.outcome][2]


@dataclass(frozen=True, slots=True)
class _Group:
    name: Words
    checks: frozenset[str]
    told: tuple[str, ...]  # whose sentences speak for the group when all is well


_GROUPS: Final = (
    _Group(
        {"zh": "未被改动", "en": "Unchanged"},
        frozenset({"references", "coverage", "integrity", "content", "manifest"}),
        ("integrity", "content"),
    ),
    _Group(
        {"zh": "印章与证书", "en": "Seal and certificate"},
        frozenset({"seal", "seal-data", "certificate", "chain", "time", "revocation"}),
        ("seal", "revocation"),
    ),
    _Group(
        {"zh": "有效状态", "en": "In force"},
        frozenset({"status", "copy"}),
        ("copy", "status"),
    ),
    _Group(
        {"zh": "发证机关为本地区所承认", "en": "Issuer recognised here"},
        frozenset({"authority"}),
        ("authority",),
    ),
)
# Nothing was looked at that could tell: neither is there a how.
_LACKING: Final = frozenset(
    {
        "status-list-missing",
        "partner-file-not-had",
        "revocation-missing",
        "maker-revocation-unknown",
        "timestamp-revocation-unknown",
    }
)
# Codes whose line is another than their check's. What is found of a purpose-bound copy (加注件) is
# one check; the lines tell its parts apart. That there is no seal is no change.
_KINDS: Final[Mapping[str, str]] = {
    "no-seal": "seal",
    "copy-unchanged": "integrity",
    "copy-malformed": "integrity",
    "copy-signature-invalid": "integrity",
    "copy-signed": "seal",
    "copy-signer-unknown": "seal",
    "copy-signer-not-trusted": "seal",
}
_UNASKED: Final[Words] = {"zh": "此类文件不作这项检查", "en": "Not asked of a file of this kind"}
_NO_GROUND: Final[Words] = {"zh": "没有印章，无从判断", "en": "There is no seal to tell it by"}
_LOOKED: Final[Words] = {
    "zh": "在文件中查找了印章和签名",
    "en": "The file was searched for seals and signatures",
}


def four_lines(checks: Sequence[Check]) -> tuple[Line, ...]:
    """Return the four lines of a report, in their order."""
    return tuple(_line(group, checks) for group in _GROUPS)


def outcome_words(outcome: str) -> tuple[str, Words]:
    """Return mark and words of one check's outcome."""
    mark, _, words = _OUTCOMES[outcome]
    return mark, words


def deciding(report: Mapping[str, Any]) -> Check | None:
    """Return the check that tells who must act: the one that the first sentence names.

    If that one names nobody: the first that failed, else that is open.
    """
    said = report.get("sentence", {}).get("zh", "")
    acting = [check for check in report["checks"] if check["who_acts"]]
    against = [
        check
        for name in ("failed", "indeterminate")
        for check in acting
        if check["outcome"] == name
    ]
    named = (check for check in against if check["sentence"]["zh"] in said)
    return next(named, against[0] if against else None)


def _line(group: _Group, checks: Sequence[Check]) -> Line:
    ours = [check for check in checks if _kind(check) in group.checks]
    found = {check["outcome"] for check in ours}
    outcome = next((name for name in _OUTCOMES if name in found), "not_checked")
    such = [check for check in ours if check["outcome"] == outcome]
    told = _speaking(group, such) if outcome == "passed" else such[:1]
    lacks = any(check["code"] in _LACKING for check in told)
    # Of several sources the oldest counts. When the seal was set is no source of ours.
    known = [c["known_at"] for c in such if c["known_at"] and c["check"] != "time"]
    return Line(
        name=group.name,
        outcome=outcome,
        sentences=_sentences(told, checks, outcome),
        # What was not done was done in no way.
        how=() if lacks or outcome == "not_checked" else _ways(told),
        known=min(known, default=None),
        is_lacking=lacks,
    )


def _speaking(group: _Group, passed: Sequence[Check]) -> list[Check]:
    """Return the first check of each kind that speaks for the group, else the first of all."""
    firsts = ([c for c in passed if _kind(c) == kind][:1] for kind in group.told)
    return [check for found in firsts for check in found] or list(passed[:1])


def _sentences(told: Sequence[Check], checks: Sequence[Check], outcome: str) -> tuple[Words, ...]:
    if outcome == "not_checked" and any(check["code"] == "no-seal" for check in checks):
        return (_NO_GROUND,)
    return tuple(check["sentence"] for check in told) or (_UNASKED,)


def _ways(told: Sequence[Check]) -> tuple[Words, ...]:
    ways = (_LOOKED if check["code"] == "no-seal" else check["how"] for check in told)
    return tuple(how for how in ways if how)


def _kind(check: Check) -> str:
    return _KINDS.get(check["code"], check["check"])
