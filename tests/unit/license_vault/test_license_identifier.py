"""Identifiers of GB/T 36904 against those seen in the field."""

import json
from pathlib import Path

import pytest

from license_vault import license_identifier
from license_vault.errors import CheckDigitError, IdentifierInvalidError
from license_vault.license_identifier import check_character, compose, new_serial, parse

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "identifiers.json").read_text("utf-8")
)
CASES = VECTORS["gbt36904"]["cases"]
GOOD = [case for case in CASES if case["std_valid"]]
TYPE_CODE, AUTHORITY = "11310000MBDEM00076001", "11310114MBDEM0015F"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["check_std"])
def test_the_check_character_is_that_of_the_standard(case: dict[str, str]) -> None:
    assert check_character(case["body"]) == case["check_std"]


def test_the_check_character_goes_through_the_steps_worked_out() -> None:
    # Each step's state is seen through the check character of the prefix: (37 - P) mod 36.
    body = VECTORS["gbt36904"]["cases"][VECTORS["gbt36904"]["trace_case_index"]]["body"]
    trace = VECTORS["gbt36904"]["trace_char_S_P"]
    assert "".join(step[0] for step in trace) == body
    for length, (_, _, p) in enumerate(trace, start=1):
        assert check_character(body[:length]) == VECTORS["gbt36904"]["alphabet"][(37 - p) % 36]


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case["id"][-5:])
def test_real_identifiers_are_read_and_written_again(case: dict[str, str]) -> None:
    assert parse(case["id"]).text == case["id"]


def test_a_six_digit_authority_is_read() -> None:
    assert parse(CASES[2]["id"]).authority_code == "340100"


def test_a_vendors_deviating_check_character_is_refused() -> None:
    deviating = next(case for case in CASES if not case["std_valid"])
    with pytest.raises(IdentifierInvalidError) as caught:
        parse(deviating["id"])
    assert caught.value.reason == "check-character"


def test_a_new_identifier_has_sixteen_random_characters_and_version_one() -> None:
    identifier = compose(TYPE_CODE, AUTHORITY, new_serial(bytes(range(16))))
    assert identifier.version == 1
    assert len(identifier.serial) == 16
    assert parse(identifier.text) == identifier


def test_the_serial_uses_all_its_random_bits() -> None:
    first = new_serial(bytes(16))
    assert first == "0" * 16
    assert all(new_serial((1 << bit).to_bytes(16, "big")) != first for bit in range(128))


def test_a_serial_of_too_few_random_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="16 random bytes"):
        new_serial(b"short")


def test_the_next_version_changes_version_and_check_character_only() -> None:
    first = compose(TYPE_CODE, AUTHORITY, "ABC123")
    second = first.next_version()
    assert (second.version, second.serial) == (2, "ABC123")
    assert second.check != first.check
    assert parse(second.text) == second


def test_there_is_no_version_after_the_last() -> None:
    with pytest.raises(IdentifierInvalidError) as caught:
        compose(TYPE_CODE, AUTHORITY, "ABC123", 999).next_version()
    assert caught.value.reason == "version"


@pytest.mark.parametrize(
    ("type_code", "authority", "serial", "version", "reason"),
    [
        ("11310000MBDEM00077001", AUTHORITY, "A", 1, "type-code"),
        (TYPE_CODE, "11310114MBDEM0015G", "A", 1, "authority-code"),
        (TYPE_CODE, AUTHORITY, "a", 1, "serial"),
        (TYPE_CODE, AUTHORITY, "", 1, "serial"),
        (TYPE_CODE, AUTHORITY, "A" * 33, 1, "serial"),
        (TYPE_CODE, AUTHORITY, "A", 0, "version"),
    ],
)
def test_wrong_parts_are_named(
    type_code: str, authority: str, serial: str, version: int, reason: str
) -> None:
    with pytest.raises(IdentifierInvalidError) as caught:
        compose(type_code, authority, serial, version)
    assert caught.value.reason == reason


@pytest.mark.parametrize("text", ["", "1.2.156.3005.2", GOOD[0]["id"] + "\n", " " + GOOD[0]["id"]])
def test_other_texts_are_no_identifiers(text: str) -> None:
    with pytest.raises(IdentifierInvalidError) as caught:
        parse(text)
    assert caught.value.reason == "format"


def test_a_type_code_is_an_authority_and_three_digits() -> None:
    license_identifier.check_type_code(TYPE_CODE)
    with pytest.raises(CheckDigitError):
        license_identifier.check_type_code(TYPE_CODE[:18] + "00A")
