"""可免交, 需补交, 人工核验: the whole table of verdicts × what the use list says."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from signing.sealed_json.copy_record import CopyParent, CopyRecord
from verification.decision import Authenticity, DecisionOutcome, Listed, Listing, decide
from verification.explanations import Sentence
from verification.report import DocumentSummary, Technical, Verdict, VerificationReport

NOW = datetime(2026, 8, 1, tzinfo=UTC)
REPORT = VerificationReport(
    verdict=Verdict.VALID,
    state=None,
    marks=(),
    sentence=Sentence("有效", "Valid"),
    as_of=NOW,
    verified_at=NOW,
    policy="default",
    document=DocumentSummary("pdf", "0" * 64, "0" * 64, 1),
    license=None,
    checks=(),
    seals=(),
    not_checked=(),
    technical=Technical("TOTAL_PASSED", None),
    trust=None,
    status_list=None,
)
COPY = CopyRecord(
    copy_id="c",
    created_at=NOW,
    expires_at=NOW,
    creator="a",
    user="b",
    item_name="",
    item_code="I-1",
    purpose="p",
    parent=CopyParent(
        "id", "0" * 64, "t", "t", "a", "a", NOW.date(), None, "https://example.cn/x", 1
    ),
)
WAIVED, TO_SUBMIT, MANUAL = (
    DecisionOutcome.WAIVED,
    DecisionOutcome.TO_SUBMIT,
    DecisionOutcome.MANUAL,
)
FAILS = (Verdict.NOT_IN_FORCE, Verdict.ALTERED, Verdict.UNTRUSTED, Verdict.UNSEALED)
SAYS_NO = (Listed.TYPE_NOT_LISTED, Listed.REGION_NOT_LISTED)


def expected(verdict: Verdict, listed: Listed) -> DecisionOutcome:
    if verdict in FAILS or listed in SAYS_NO:
        return TO_SUBMIT
    if verdict in (Verdict.VALID, Verdict.VALID_COPY) and listed is Listed.LISTED:
        return WAIVED
    return MANUAL


@pytest.mark.parametrize("listed", list(Listed))
@pytest.mark.parametrize("verdict", list(Verdict))
def test_both_facts_together_decide(verdict: Verdict, listed: Listed) -> None:
    decision = decide(replace(REPORT, verdict=verdict), Listing(listed, "I-1", detail="/x"))
    assert decision.outcome is expected(verdict, listed)
    assert decision.reasons[1].code == listed.value
    for reason in decision.reasons:
        assert reason.sentence.zh
        assert reason.sentence.en
        assert "{" not in reason.sentence.zh


def test_neither_fact_alone_waives_anything() -> None:
    waived = [
        (verdict, listed)
        for verdict in Verdict
        for listed in Listed
        if decide(replace(REPORT, verdict=verdict), Listing(listed, "I-1")).outcome is WAIVED
    ]
    assert waived == [(Verdict.VALID, Listed.LISTED), (Verdict.VALID_COPY, Listed.LISTED)]


@pytest.mark.parametrize(
    ("mark", "outcome"),
    [
        ("disputed", MANUAL),
        ("conditional", MANUAL),
        ("content-partly-uncovered", MANUAL),
        ("a-mark-to-come", MANUAL),
        ("cms-without-seal", WAIVED),
        ("made-from-records", WAIVED),
        ("renewal-pending", WAIVED),
    ],
)
def test_a_doubtful_mark_is_looked_at_by_a_person(mark: str, outcome: DecisionOutcome) -> None:
    decision = decide(replace(REPORT, marks=(mark,)), Listing(Listed.LISTED, "I-1"))
    assert decision.outcome is outcome
    assert decision.authenticity is Authenticity.HOLDS


@pytest.mark.parametrize(("item", "outcome"), [("I-1", WAIVED), ("I-2", MANUAL)])
def test_a_copy_counts_for_its_own_item(item: str, outcome: DecisionOutcome) -> None:
    report = replace(REPORT, verdict=Verdict.VALID_COPY, copy=COPY)
    assert decide(report, Listing(Listed.LISTED, item)).outcome is outcome


def test_a_mark_never_turns_a_no_into_a_maybe() -> None:
    report = replace(REPORT, verdict=Verdict.NOT_IN_FORCE, marks=("disputed",))
    assert decide(report, Listing(Listed.LISTED, "I-1")).outcome is TO_SUBMIT
