"""Decide whether paper is needed for an item: 可免交, 需补交 or 人工核验. Pure.

Two separate facts, and nothing else: whether the license is authentic and in force (the verdict),
and whether the use list (用证清单) of the window's region lists it for the item. Either alone
waives nothing. What is unknown is decided by a person, never by us.

Source: ADR 0053; GB/T 36906; 国办发〔2022〕3号.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from verification.explanations import Sentence
from verification.report import Verdict, VerificationReport


class DecisionOutcome(StrEnum):
    """What a window does: takes the file instead of paper, asks for paper, or looks itself."""

    WAIVED = "waived"
    TO_SUBMIT = "to_submit"
    MANUAL = "manual"


class Authenticity(StrEnum):
    """Whether a license is authentic and in force, as far as the verdict says."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


class Listed(StrEnum):
    """What the use list says of a license for an item."""

    LISTED = "listed"
    TYPE_NOT_LISTED = "type-not-listed"
    REGION_NOT_LISTED = "region-not-listed"
    FIELD_MISSING = "field-missing"
    ITEM_UNKNOWN = "item-unknown"
    NO_USE_LIST = "no-use-list"
    TYPE_UNKNOWN = "type-unknown"


@dataclass(frozen=True, slots=True)
class Listing:
    """What the use list of a region, in a version, says; ``detail`` names a field or a type."""

    listed: Listed
    item_code: str
    region: str = ""
    version: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class DecisionReason:
    """One reason: its stable code, and what a person reads."""

    code: str
    sentence: Sentence

    def to_json(self) -> dict[str, Any]:
        """Return the reason as JSON values."""
        return {"code": self.code, "sentence": self.sentence.to_json()}


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision with both facts it follows from."""

    outcome: DecisionOutcome
    sentence: Sentence
    authenticity: Authenticity
    listing: Listing
    reasons: tuple[DecisionReason, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the decision as JSON values, a member of the report."""
        return {
            "outcome": self.outcome.value,
            "sentence": self.sentence.to_json(),
            "authentic_and_in_force": self.authenticity.value,
            "listed": self.listing.listed.value,
            "item_code": self.listing.item_code,
            "use_list": {"region": self.listing.region, "version": self.listing.version},
            "reasons": [reason.to_json() for reason in self.reasons],
        }


_WORDS = {
    DecisionOutcome.WAIVED: Sentence("可免交", "No paper needed"),
    DecisionOutcome.TO_SUBMIT: Sentence("需补交", "To be submitted"),
    DecisionOutcome.MANUAL: Sentence("人工核验", "To be checked by a person"),
}
_HOLDS = DecisionReason(
    "authentic-and-in-force",
    Sentence("证照真实且处于有效状态", "The license is authentic and in force"),
)
_OF_VERDICT = {
    Verdict.NOT_IN_FORCE: DecisionReason(
        "not-in-force", Sentence("证照不在有效状态", "The license is not in force")
    ),
    Verdict.ALTERED: DecisionReason("altered", Sentence("文件被改动", "The file was altered")),
    Verdict.UNTRUSTED: DecisionReason(
        "untrusted", Sentence("签发者不可信", "Who issued it is not trusted")
    ),
    Verdict.UNSEALED: DecisionReason(
        "unsealed", Sentence("没有可核验的印章", "There is no seal that can be verified")
    ),
    Verdict.INDETERMINATE: DecisionReason(
        "indeterminate", Sentence("真实性或状态暂无法判定", "It cannot be determined now")
    ),
}
_OF_LISTING = {
    Listed.LISTED: Sentence("用证清单列入本事项", "The use list lists it for this item"),
    Listed.TYPE_NOT_LISTED: Sentence(
        "用证清单未将该类证照列入本事项", "The use list does not list its type for this item"
    ),
    Listed.REGION_NOT_LISTED: Sentence(
        "用证清单未列入该签发地区的证照", "The use list does not list licenses of its region"
    ),
    Listed.FIELD_MISSING: Sentence(
        "证照缺少本事项所需的项：{detail}", "The license lacks a field the item needs: {detail}"
    ),
    Listed.ITEM_UNKNOWN: Sentence("用证清单没有此事项", "The use list has no such item"),
    Listed.NO_USE_LIST: Sentence("本地区尚未发布用证清单", "No use list is published here yet"),
    Listed.TYPE_UNKNOWN: Sentence(
        "无法得知证照类型", "It cannot be known of which type the license is"
    ),
}
# Here the list says no; elsewhere it says yes or nothing.
_LIST_SAYS_NO = frozenset({Listed.TYPE_NOT_LISTED, Listed.REGION_NOT_LISTED})
_MARKS = {
    "disputed": Sentence("证照处于异议中", "The license is under dispute"),
    "conditional": Sentence("证照附有条件", "The license has conditions"),
    "renewal-pending": Sentence("延续审批中", "Its renewal is pending"),
    "content-partly-uncovered": Sentence("部分内容未覆盖", "Part of its content is uncovered"),
}
# These take nothing away from a license within its period; after it a person looks. A PDF is the
# authority's own reading form: that its signature is no GB/T 38540 seal is told, not doubted.
_HARMLESS = frozenset({"cms-without-seal", "made-from-records", "renewal-pending"})
_WAITS, _OVERDUE = "renewal-pending", "renewal-pending-after-expiry"
_OTHER_COPY = DecisionReason(
    "copy-for-another-use",
    Sentence("加注件限于其他事项使用", "The purpose-bound copy is for another item"),
)


def decide(report: VerificationReport, listing: Listing) -> Decision:
    """Decide about one license and one item.

    Args:
        listing: what the use list says of its type, region and fields.
    """
    authenticity, doubts = _authenticity(report.verdict), tuple(_doubts(report, listing))
    outcome = _outcome(authenticity, listing.listed)
    if outcome is DecisionOutcome.WAIVED and doubts:
        outcome = DecisionOutcome.MANUAL
    facts = (_OF_VERDICT.get(report.verdict, _HOLDS), _of_listing(listing))
    return Decision(outcome, _WORDS[outcome], authenticity, listing, (*facts, *doubts))


def words_of_reason(code: str) -> Sentence:
    """Return what a person reads of a reason's code, as receipts keep it; the code if unknown."""
    reasons = {
        reason.code: reason.sentence for reason in (*_OF_VERDICT.values(), _HOLDS, _OTHER_COPY)
    }
    listings = {listed.value: words for listed, words in _OF_LISTING.items()}
    marks = {f"mark-{mark}": words for mark, words in _MARKS.items()}
    found = (reasons | listings | marks).get(code, Sentence(code, code))
    # Receipts keep no detail: what stands before it says enough.
    return Sentence(found.zh.partition("：")[0], found.en.partition(":")[0])


def _authenticity(verdict: Verdict) -> Authenticity:
    if verdict in (Verdict.VALID, Verdict.VALID_COPY):
        return Authenticity.HOLDS
    return Authenticity.UNKNOWN if verdict is Verdict.INDETERMINATE else Authenticity.FAILS


def _outcome(authenticity: Authenticity, listed: Listed) -> DecisionOutcome:
    if authenticity is Authenticity.FAILS or listed in _LIST_SAYS_NO:
        return DecisionOutcome.TO_SUBMIT
    if authenticity is Authenticity.HOLDS and listed is Listed.LISTED:
        return DecisionOutcome.WAIVED
    return DecisionOutcome.MANUAL


def _of_listing(listing: Listing) -> DecisionReason:
    words, detail = _OF_LISTING[listing.listed], listing.detail
    told = Sentence(words.zh.format(detail=detail), words.en.format(detail=detail))
    return DecisionReason(listing.listed.value, told)


def _doubts(report: VerificationReport, listing: Listing) -> Iterator[DecisionReason]:
    """Yield why a person has to look at a license that is authentic, in force and listed."""
    doubted = {_WAITS} if _OVERDUE in report.codes else set()
    for mark in report.marks:
        if mark in _HARMLESS - doubted:
            continue
        yield DecisionReason(f"mark-{mark}", _MARKS.get(mark, Sentence(mark, mark)))
    if report.copy is not None and report.copy.item_code != listing.item_code:
        yield _OTHER_COPY
