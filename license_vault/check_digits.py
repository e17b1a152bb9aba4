"""Check digits of the identity codes a license carries.

Says whether a code *can* exist: form, check digit, and for a citizen's number the province and
the birth date inside it. It does not say that the code was ever given to anybody.
"""

import re
from datetime import date

from license_vault.errors import CheckDigitError

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_FORM = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_ORGANISATION_FORM = re.compile(r"[0-9A-Z]{8}[0-9X]")
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CITIZEN_FORM = re.compile(r"[0-9]{17}[0-9X]")
_CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CITIZEN_CHECK = "10X98765432"
# First two digits of GB/T 2260; 81, 82, 83 are also in residence permits for 港澳台居民, 91 abroad.
_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")


def check_uscc(code: str) -> None:
    """Check a unified social credit code (统一社会信用代码), 18 characters.

    Raises:
        CheckDigitError: "format" or "check-digit".

    Source: GB 32100-2015, 4 and 5.
    """
    if not _USCC_FORM.fullmatch(code):
        raise CheckDigitError("uscc", "format")
    if uscc_check_character(code[:17]) != code[17]:
        raise CheckDigitError("uscc", "check-digit")


def uscc_check_character(body: str) -> str:
    """Return the 18th character for the first 17. Source: GB 32100-2015, 5."""
    total = sum(_USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return _USCC_ALPHABET[-total % 31]


def check_organisation_code(code: str) -> None:
    """Check an organisation code (组织机构代码), 8 characters and a check digit, no hyphen.

    Raises:
        CheckDigitError: "format" or "check-digit".

    Source: GB 11714-1997, 3.
    """
    if not _ORGANISATION_FORM.fullmatch(code):
        raise CheckDigitError("organisation-code", "format")
    total = sum(int(c, 36) * w for c, w in zip(code, _ORGANISATION_WEIGHTS, strict=False))
    if "0X987654321"[total % 11] != code[8]:
        raise CheckDigitError("organisation-code", "check-digit")


def check_citizen_id(number: str) -> None:
    """Check a citizen's identity number (公民身份号码), 18 characters.

    Raises:
        CheckDigitError: "format", "region" (no such province), "date" (no such day) or
            "check-digit".

    Source: GB 11643-1999, 4.
    """
    if not _CITIZEN_FORM.fullmatch(number):
        raise CheckDigitError("citizen-id", "format")
    if not _PROVINCES.fullmatch(number[:2]):
        raise CheckDigitError("citizen-id", "region")
    birth_date_of(number)
    total = sum(int(c) * w for c, w in zip(number, _CITIZEN_WEIGHTS, strict=False))
    if _CITIZEN_CHECK[total % 11] != number[17]:
        raise CheckDigitError("citizen-id", "check-digit")


def birth_date_of(number: str) -> date:
    """Return the birth date in a citizen's number of the right form.

    Raises:
        CheckDigitError: "date", no such day or before 1800.
    """
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise CheckDigitError("citizen-id", "date") from error
    if born.year < 1800:
        raise CheckDigitError("citizen-id", "date")
    return born


def gender_of(number: str) -> str:
    """Return 男 if the 17th digit of a citizen's number is odd, else 女."""
    return "男" if int(number[16]) % 2 else "女"
