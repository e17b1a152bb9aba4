"""What a node answers, as values that do not change. ``raw`` is the whole answer, for more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from license_vault.client.reading import (
    number_in,
    object_in,
    objects_in,
    optional_text,
    text_in,
    texts_in,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a report; ``outcome`` is passed, failed, indeterminate or not_checked."""

    check: str
    outcome: str
    code: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Decision:
    """可免交 waived, 需补交 to_submit, 人工核验 manual: from two separate facts."""

    outcome: str
    sentence: Sentence
    authentic_and_in_force: str
    listed: str
    item_code: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A verification: the verdict, why, and with an item code the decision."""

    verdict: str
    state: str | None
    marks: tuple[str, ...]
    sentence: Sentence
    checks: tuple[Check, ...]
    decision: Decision | None
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def is_valid(self) -> bool:
        """Whether it is a license in force, or a purpose-bound copy that counts."""
        names_license = self.raw.get("license") is not None
        return self.verdict == "valid_copy" or (self.verdict == "valid" and names_license)


@dataclass(frozen=True, slots=True)
class BatchResult:
    """One answer of a batch: a report, or the code of the problem that stood against it."""

    position: int
    name: str
    verdict: str
    report: Report | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """All answers in the order of the request, and how many of each verdict and decision."""

    counts: Mapping[str, int]
    decisions: Mapping[str, int]
    results: tuple[BatchResult, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """A signed verification receipt: the file as it came, and where it is fetched again."""

    file: bytes = field(repr=False)
    number: str


@dataclass(frozen=True, slots=True)
class License:
    """A license as far as it says nothing about its holder; ``check_code`` only when issued."""

    identifier: str
    type_code: str
    type_name: str
    authority_code: str
    authority_name: str
    region: str
    status: str
    marks: tuple[str, ...]
    valid_from: str
    valid_until: str
    forms: tuple[str, ...]
    check_code: str = field(repr=False)
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LicensePage:
    """One page of licenses; ``next`` is what ``after`` takes, None on the last."""

    items: tuple[License, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class PartnerAnswer:
    """A partner region's signed answer, checked and kept by the own node."""

    exchange_id: str
    region: str
    operation: str
    outcome: str
    body: Mapping[str, Any] = field(repr=False)

    @property
    def is_done(self) -> bool:
        """Whether what was asked was done."""
        return self.outcome == "done"


@dataclass(frozen=True, slots=True)
class PartnerDispute:
    """A dispute at a partner region; number and term are its own, once it has taken it."""

    reference: str
    region: str
    license: str
    state: str
    number: str | None
    due_on: str | None
    outcome: str | None
    answer: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class SharingDocument:
    """A signed catalogue or use list: the file as it came, and what it says."""

    file: bytes = field(repr=False)
    content: Mapping[str, Any] = field(repr=False)


def report_of(value: Mapping[str, Any]) -> Report:
    """Read a report; of files given together, use ``raw``."""
    decision = value.get("decision")
    return Report(
        verdict=text_in(value, "verdict"),
        state=optional_text(value, "state"),
        marks=texts_in(value, "marks"),
        sentence=_sentence(value),
        checks=tuple(_check(one) for one in objects_in(value, "checks")),
        decision=None if decision is None else _decision(object_in(value, "decision")),
        raw=value,
    )


def batch_of(value: Mapping[str, Any]) -> Batch:
    """Read the answer to a batch."""
    return Batch(
        counts=object_in(value, "counts"),
        decisions=object_in(value, "decisions"),
        results=tuple(_result(one) for one in objects_in(value, "results")),
    )


def license_of(value: Mapping[str, Any]) -> License:
    """Read a license."""
    type_, authority = object_in(value, "type"), object_in(value, "authority")
    return License(
        identifier=text_in(value, "identifier"),
        type_code=text_in(type_, "code"),
        type_name=text_in(type_, "name_zh"),
        authority_code=text_in(authority, "code"),
        authority_name=text_in(authority, "name"),
        region=text_in(authority, "region"),
        status=text_in(object_in(value, "status"), "code"),
        marks=tuple(text_in(mark, "code") for mark in objects_in(value, "marks")),
        valid_from=text_in(value, "valid_from"),
        valid_until=text_in(value, "valid_until"),
        forms=tuple(text_in(file, "form") for file in objects_in(value, "files")),
        check_code=optional_text(value, "check_code") or "",
        raw=value,
    )


def page_of(value: Mapping[str, Any]) -> LicensePage:
    """Read a page of licenses."""
    items = tuple(license_of(one) for one in objects_in(value, "items"))
    return LicensePage(items, optional_text(value, "next"))


def partner_answer_of(value: Mapping[str, Any]) -> PartnerAnswer:
    """Read a partner's answer."""
    return PartnerAnswer(
        exchange_id=text_in(value, "exchange_id"),
        region=text_in(value, "region"),
        operation=text_in(value, "operation"),
        outcome=text_in(value, "outcome"),
        body=object_in(value, "body"),
    )


def partner_dispute_of(value: Mapping[str, Any]) -> PartnerDispute:
    """Read a dispute at a partner."""
    outcome = value.get("outcome")
    return PartnerDispute(
        reference=text_in(value, "reference"),
        region=text_in(value, "region"),
        license=text_in(value, "license"),
        state=text_in(value, "state"),
        number=optional_text(value, "number"),
        due_on=optional_text(value, "due_on"),
        outcome=None if outcome is None else text_in(object_in(value, "outcome"), "code"),
        answer=optional_text(value, "answer"),
    )


def _sentence(value: Mapping[str, Any]) -> Sentence:
    found = object_in(value, "sentence")
    return Sentence(text_in(found, "zh"), text_in(found, "en"))


def _check(value: Mapping[str, Any]) -> Check:
    return Check(
        text_in(value, "check"), text_in(value, "outcome"), text_in(value, "code"), _sentence(value)
    )


def _decision(value: Mapping[str, Any]) -> Decision:
    return Decision(
        outcome=text_in(value, "outcome"),
        sentence=_sentence(value),
        authentic_and_in_force=text_in(value, "authentic_and_in_force"),
        listed=text_in(value, "listed"),
        item_code=text_in(value, "item_code"),
        reasons=tuple(text_in(one, "code") for one in objects_in(value, "reasons")),
    )


def _result(value: Mapping[str, Any]) -> BatchResult:
    report, problem = value.get("report"), value.get("problem")
    return BatchResult(
        position=number_in(value, "position"),
        name=text_in(value, "name"),
        verdict=text_in(value, "verdict"),
        report=None if report is None else report_of(object_in(value, "report")),
        problem=None if problem is None else text_in(object_in(value, "problem"), "code"),
    )
