"""Check digits against the published codes in tests/vectors/identifiers.json."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from license_vault.check_digits import (
    birth_date_of,
    check_citizen_id,
    check_organisation_code,
    check_uscc,
    gender_of,
)
from license_vault.errors import CheckDigitError

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "identifiers.json").read_text("utf-8")
)
CHECKS: dict[str, Callable[[str], None]] = {
    "gb32100": check_uscc,
    "gb11714": check_organisation_code,
    "gb11643": check_citizen_id,
}
VALID = [(name, code) for name in CHECKS for code in VECTORS[name]["valid"]]


@pytest.mark.parametrize(("name", "code"), VALID)
def test_published_codes_pass(name: str, code: str) -> None:
    CHECKS[name](code)


@pytest.mark.parametrize(("name", "code"), VALID)
def test_no_other_check_digit_passes(name: str, code: str) -> None:
    for other in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        if other != code[-1]:
            with pytest.raises(CheckDigitError):
                CHECKS[name](code[:-1] + other)


@pytest.mark.parametrize("code", VECTORS["gb32100"]["invalid"])
def test_a_uscc_with_a_wrong_check_digit_is_named_so(code: str) -> None:
    with pytest.raises(CheckDigitError) as caught:
        check_uscc(code)
    assert (caught.value.kind, caught.value.reason) == ("uscc", "check-digit")


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("11010519491231002x", "format"),
        ("11010519491231002X\n", "format"),
        ("1101051949123100２X", "format"),
        ("00010519491231002X", "region"),
        ("110105194902300027", "date"),
        ("110105000012310024", "date"),
        ("110105194912310021", "check-digit"),
    ],
)
def test_a_citizen_id_is_refused_with_its_reason(number: str, reason: str) -> None:
    with pytest.raises(CheckDigitError) as caught:
        check_citizen_id(number)
    assert caught.value.reason == reason


def test_a_citizen_id_tells_birth_date_and_gender() -> None:
    assert birth_date_of("11010519491231002X") == date(1949, 12, 31)
    assert gender_of("11010519491231002X") == "女"
    assert gender_of("440524188001010014") == "男"


@pytest.mark.parametrize("letter", "IOSVZ")
def test_letters_that_a_uscc_does_not_use_are_refused(letter: str) -> None:
    with pytest.raises(CheckDigitError) as caught:
        check_uscc(f"91310114MADEM00{letter}46")
    assert caught.value.reason == "format"
