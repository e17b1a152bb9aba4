from datetime import UTC, datetime

import pytest
from mutants.world import World, content, draw

from license_vault.license import Holder, HolderKind, LicenseStatus
from verification.report import REFUSED_EXIT_CODE, Verdict, exit_code, instant_text


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (Verdict.VALID, 0),
        (Verdict.ALTERED, 1),
        (Verdict.UNTRUSTED, 1),
        (Verdict.NOT_IN_FORCE, 2),
        (Verdict.INDETERMINATE, 3),
        (Verdict.UNSEALED, 4),
        (Verdict.VALID_COPY, 5),
    ],
)
def test_the_shell_sees_the_verdict(verdict: Verdict, code: int) -> None:
    assert exit_code(verdict) == code
    assert REFUSED_EXIT_CODE == 4


def test_every_verdict_has_an_exit_code() -> None:
    assert {exit_code(verdict) for verdict in Verdict} == {0, 1, 2, 3, 4, 5}


def test_instants_are_utc_and_whole_seconds() -> None:
    assert instant_text(datetime(2026, 1, 2, 3, 4, 5, 999, UTC)) == "2026-01-02T03:04:05Z"
    assert instant_text(None) is None


def test_a_person_is_shown_by_one_character_and_four_digits(world: World) -> None:
    report = world.report()
    assert report.license is not None
    assert report.license.holders == ("欧* *2841",)


def test_an_organisation_is_public(world: World) -> None:
    holder = Holder(
        HolderKind.LEGAL_PERSON, "演示长风建设工程有限公司", "001", "91310000MA1K000002"
    )
    report = world.report(world.sealed(holders=(holder,)), parse=_without_texts)
    assert report.license is not None
    assert report.license.holders == ("演示长风建设工程有限公司 *0002",)


def _without_texts(data: bytes):
    from verification.reading import read_document

    return read_document(data)


def test_a_number_that_is_the_holders_own_is_masked_too(world: World) -> None:
    report = world.report(world.sealed(number="310114199003072841"))
    assert report.license is not None
    assert report.license.number == "*2841"


def test_a_refusal_says_who_must_act(world: World) -> None:
    report = world.report(state=LicenseStatus.CANCELLED)
    (status,) = [check for check in report.checks if check.check == "status"]
    assert status.who_acts is not None
    assert status.known_at is not None
    assert status.clause
    assert status.how.zh


def test_the_sentence_of_an_unsealed_document_says_why(world: World) -> None:
    sentence = world.report(draw(content())).sentence
    assert "没有电子印章" in sentence.zh


def test_the_json_has_the_members_of_the_contract(world: World) -> None:
    report = world.report().to_json()
    assert report["schema"] == "license-vault/report/1"
    assert report.keys() == {
        "schema", "verdict", "state", "marks", "sentence", "as_of", "verified_at", "policy",
        "document", "license", "checks", "seals", "not_checked", "technical", "trust",
        "status_list", "content_id", "deviations",
    }  # fmt: skip
    for check in report["checks"]:
        assert check.keys() == {
            "check", "outcome", "code", "values", "sentence", "how", "known_at", "who_acts",
            "clause", "seal",
        }  # fmt: skip
