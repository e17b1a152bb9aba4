"""The four lines of an answer, from the checks of a report."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.pages.verdict import parts_of
from api.pages.verify_lines import four_lines
from api.pages.verify_regions import region_name
from api.pages.verify_words import next_words, not_checked_words
from verification.reporting import _CHECK_ORDER, _NEVER_CHECKED

GOLDENS = Path(__file__).parents[1] / "verification" / "goldens"
WORDS = {"zh": "中", "en": "en"}


def check(name: str, outcome: str = "passed", known: str | None = None, **more: Any) -> dict:
    said = {"zh": f"{name} {outcome}", "en": name}
    base = {
        "check": name,
        "code": name,
        "outcome": outcome,
        "sentence": said,
        "how": WORDS,
        "known_at": known,
    }
    return {**base, "who_acts": None, **more}


GOOD = [
    check("integrity"),
    check("seal"),
    check("time", known="2020-01-01T00:00:00Z"),
    check("chain", known="2026-11-22T10:00:00Z"),
    check("revocation", known="2026-11-22T09:00:00Z"),
    check("authority", known="2026-11-22T10:00:00Z"),
    check("status", known="2026-11-22T10:00:01Z"),
    check("content"),
]


def test_there_are_always_four_lines_in_their_order() -> None:
    for checks in ([], GOOD):
        names = [line.name["en"] for line in four_lines(checks)]
        assert names == ["Unchanged", "Seal and certificate", "In force", "Issuer recognised here"]


def test_of_several_sources_the_oldest_tells_from_when_but_not_when_it_was_sealed() -> None:
    unchanged, seal, status, _ = four_lines(GOOD)
    assert seal.known == "2026-11-22T09:00:00Z"
    assert status.known == "2026-11-22T10:00:01Z"
    assert unchanged.known is None
    assert [each["zh"] for each in seal.sentences] == ["seal passed", "revocation passed"]


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        (("passed", "failed", "indeterminate"), "failed"),
        (("passed", "indeterminate", "not_checked"), "indeterminate"),
        (("not_checked", "passed"), "passed"),
        (("not_checked",), "not_checked"),
    ],
)
def test_the_worst_of_a_group_is_its_line(outcomes: tuple[str, ...], expected: str) -> None:
    line = four_lines([check("certificate", each) for each in outcomes])[1]
    assert line.outcome == expected
    assert line.sentences[0]["zh"] == f"certificate {expected}"


def test_what_is_not_asked_is_no_pass() -> None:
    assert {line.outcome for line in four_lines([])} == {"not_checked"}


def test_who_acts_next_is_told_by_the_check_that_failed_then_by_the_decision() -> None:
    decided = {"verdict": "valid", "checks": GOOD, "decision": {"outcome": "waived"}}
    assert "免交" in next_words(decided)["zh"]
    who = {"zh": "由发证机关处理", "en": "the authority"}
    failed = {**decided, "checks": [*GOOD, check("status", "failed", who_acts=who)]}
    assert next_words(failed) == who
    assert "发证机关" in next_words({"verdict": "not_in_force", "checks": GOOD})["zh"]


def test_who_acts_next_is_told_by_the_check_that_the_first_sentence_names() -> None:
    lists, issuer = ({"zh": zh, "en": zh} for zh in ("更新名单", "由发证机关查明"))
    open_ = check("coverage", "indeterminate", who_acts=issuer)
    failed = check("chain", "failed", who_acts=lists)
    told = {"zh": f"暂无法判定：{open_['sentence']['zh']}。", "en": ""}
    report = {"verdict": "indeterminate", "sentence": told, "checks": [open_, failed]}
    assert next_words(report) == issuer


def test_a_seal_by_itself_is_nothing_to_rely_on() -> None:
    seal = {"verdict": "valid", "sentence": {"zh": "", "en": ""}, "checks": GOOD, "license": None}
    assert "加盖了印章的证照" in next_words(seal)["zh"]


def test_everything_that_may_stay_unchecked_has_words() -> None:
    extra = {"second-opinion", "presented-file", "status-before-the-list", "status-marks"}
    never = {code for codes in _NEVER_CHECKED.values() for code in codes}
    told = {*_CHECK_ORDER} - {"manifest", "copy", "receipt", "qr"}
    for code in told | never | extra:
        assert not_checked_words(code)["zh"] != code


def test_a_region_is_named_by_its_province() -> None:
    assert region_name("320506", "zh") == "江苏省 320506"
    assert region_name("320506", "en") == "Jiangsu 320506"
    assert region_name("990000", "zh") == "990000"


@pytest.mark.parametrize(
    ("golden", "named"),
    [("valid", True), ("cancelled", True), ("stale-lists", True), ("owner-not-listed", False)],
)
def test_the_first_screen_tells_as_facts_only_what_is_proven(golden: str, named: bool) -> None:
    report = json.loads((GOLDENS / f"{golden}.report.json").read_text(encoding="utf-8"))
    (part,) = parts_of(report, "zh")
    first, more = {row[0] for row in part.first}, {row[0] for row in part.more}
    assert part.proven is named
    assert ("持证主体" in first, "持证主体" in more) == (named, not named)
    assert "下一步" in first


def test_of_a_copy_the_lines_tell_bytes_signature_and_state_apart() -> None:
    def found(code: str, outcome: str = "passed") -> dict:
        return check("copy", outcome, code=code)

    checks = [found("copy-unchanged"), found("copy-signed"), found("copy-expired", "failed")]
    assert [line.outcome for line in four_lines(checks)] == [
        "passed",
        "passed",
        "failed",
        "not_checked",
    ]


def test_a_file_without_a_seal_lacks_a_seal_and_nothing_tells_of_changes() -> None:
    report = json.loads((GOLDENS / "unsealed.report.json").read_text("utf-8"))
    unchanged, seal, *_ = four_lines(report["checks"])
    assert (unchanged.outcome, unchanged.sentences[0]["zh"]) == (
        "not_checked",
        "没有印章，无从判断",
    )
    assert (seal.outcome, seal.sentences[0]["zh"]) == ("failed", "文件中没有电子印章或电子签名")
