"""License identifiers (电子证照标识) of GB/T 36904.

``1.2.156.3005.2.T.A.S.V.C``: type code, issuing authority, serial, version, check character.
The identifier names one version of one license in public. Its check character finds typing
errors and proves nothing: anybody can compute it. Identifiers of other issuers whose check
character deviates are refused here; importing them is another module's task.
"""

import re
from dataclasses import dataclass, replace

from license_vault.check_digits import check_uscc
from license_vault.errors import CheckDigitError, IdentifierInvalidError

ROOT = "1.2.156.3005.2"
SERIAL_LENGTH = 16

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FORM = re.compile(
    r"1\.2\.156\.3005\.2\.([0-9A-Z]{21})\.([0-9A-Z]{18}|[0-9]{6})"
    r"\.([0-9A-Z]{1,32})\.([0-9]{3})\.([0-9A-Z])"
)
_TYPE_CODE = re.compile(r"[0-9A-Z]{18}[0-9]{3}")
_AUTHORITY_REGION = re.compile(r"[0-9]{6}")
_SERIAL = re.compile(r"[0-9A-Z]{1,32}")


@dataclass(frozen=True, slots=True)
class LicenseIdentifier:
    """A checked identifier: made by ``parse`` or ``compose`` only.

    ``authority_code`` is a unified social credit code, or the 6-digit region that some issuers
    put in its place. ``version`` counts from 1.
    """

    type_code: str
    authority_code: str
    serial: str
    version: int
    check: str

    @property
    def text(self) -> str:
        """The identifier as written, with root and dots."""
        parts = (ROOT, self.type_code, self.authority_code, self.serial)
        return ".".join((*parts, f"{self.version:03d}", self.check))

    def __str__(self) -> str:
        return self.text

    def next_version(self) -> "LicenseIdentifier":
        """Return the identifier of the version after this one: new V, new check character.

        Raises:
            IdentifierInvalidError: "version", 999 is the last one.
        """
        return _checked(replace(self, version=self.version + 1))


def check_character(body: str) -> str:
    """Return the check character of T || A || S || V, without dots and root.

    Source: GB/T 36904-2018; ISO 7064 MOD 37,36 (GB/T 17710-2008).
    """
    p = 36
    for character in body:
        s = (p + _ALPHABET.index(character)) % 36 or 36
        p = 2 * s % 37
    return _ALPHABET[(37 - p) % 36]


def new_serial(random: bytes) -> str:
    """Return a serial of 16 characters 0-9A-Z from 16 random bytes.

    The 128 random bits are reduced modulo 36**16; the bias is below 2**-45. Nothing of the
    holder is in it.
    """
    if len(random) != 16:
        message = "a serial is made of 16 random bytes"
        raise ValueError(message)
    value = int.from_bytes(random, "big")
    characters = []
    for _ in range(SERIAL_LENGTH):
        value, digit = divmod(value, 36)
        characters.append(_ALPHABET[digit])
    return "".join(characters)


def compose(
    type_code: str, authority_code: str, serial: str, version: int = 1
) -> LicenseIdentifier:
    """Return the identifier made of these parts, with its check character.

    Raises:
        IdentifierInvalidError: a part is not what GB/T 36904 allows there.
    """
    return _checked(LicenseIdentifier(type_code, authority_code, serial, version, ""))


def parse(text: str) -> LicenseIdentifier:
    """Read an identifier.

    Raises:
        IdentifierInvalidError: with the part that is wrong.

    Source: GB/T 36904-2018.
    """
    match = _FORM.fullmatch(text)
    if not match:
        raise IdentifierInvalidError(text, "format")
    type_code, authority_code, serial, version, check = match.groups()
    identifier = _checked(LicenseIdentifier(type_code, authority_code, serial, int(version), ""))
    if identifier.check != check:
        raise IdentifierInvalidError(text, "check-character")
    return identifier


def check_type_code(code: str) -> None:
    """Check a type code: the defining authority's USCC and a sequence of three digits.

    Raises:
        CheckDigitError: kind "type-code".

    Source: GB/T 36902-2018, 证照类型代码.
    """
    if not _TYPE_CODE.fullmatch(code):
        raise CheckDigitError("type-code", "format")
    try:
        check_uscc(code[:18])
    except CheckDigitError as error:
        raise CheckDigitError("type-code", error.reason) from error


def _checked(identifier: LicenseIdentifier) -> LicenseIdentifier:
    """Return the identifier with its check character, its parts being right."""
    text = identifier.text
    try:
        check_type_code(identifier.type_code)
    except CheckDigitError as error:
        raise IdentifierInvalidError(text, "type-code") from error
    if not _AUTHORITY_REGION.fullmatch(identifier.authority_code):
        try:
            check_uscc(identifier.authority_code)
        except CheckDigitError as error:
            raise IdentifierInvalidError(text, "authority-code") from error
    if not _SERIAL.fullmatch(identifier.serial):
        raise IdentifierInvalidError(text, "serial")
    if not 1 <= identifier.version <= 999:
        raise IdentifierInvalidError(text, "version")
    body = f"{identifier.type_code}{identifier.authority_code}{identifier.serial}"
    return replace(identifier, check=check_character(f"{body}{identifier.version:03d}"))
