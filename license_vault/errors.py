"""Every error of the vault: one root, one class for each case, named for the case.

The classes hold values and know nothing of HTTP; ``api.problems`` maps them. Nothing here
imports another module of the vault, so that the pure vocabulary may raise them too.
"""

from dataclasses import dataclass


class LicenseVaultError(Exception):
    """Something the vault was asked for cannot be done."""


# --- the vocabulary and the catalogue ------------------------------------------------------


class CheckDigitError(LicenseVaultError):
    """An identity code is malformed or its check digit is wrong.

    ``kind`` names the code ("uscc", "citizen-id", "organisation-code"), ``reason`` is one of
    "format", "check-digit", "date", "region".
    """

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(f"{kind}: {reason}")
        self.kind = kind
        self.reason = reason


class IdentifierInvalidError(LicenseVaultError):
    """A text is not a license identifier of GB/T 36904.

    ``reason`` is one of "format", "type-code", "authority-code", "serial", "version",
    "check-character".
    """

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"not a license identifier ({reason})")
        self.text = text
        self.reason = reason


class ClaimsInvalidError(LicenseVaultError):
    """Bytes or values are not claims v1; ``code`` says which rule, ``pointer`` where.

    The pointer is a JSON pointer (RFC 6901), empty for the whole.
    """

    def __init__(self, code: str, pointer: str = "") -> None:
        super().__init__(f"claims refused: {code} at {pointer or '/'}")
        self.code = code
        self.pointer = pointer


class LicenseTypeUnknownError(LicenseVaultError):
    """The catalogue has no such license type, or not in that version."""

    def __init__(self, code: str, version: str | None = None) -> None:
        super().__init__(f"no license type {code} {version or ''}".rstrip())
        self.code = code
        self.version = version


class LicenseTypeNotPublishedError(LicenseVaultError):
    """The license type exists, but only a published one may issue."""

    def __init__(self, code: str, version: str, state: str) -> None:
        super().__init__(f"license type {code} {version} is {state}, not published")
        self.code = code
        self.version = version
        self.state = state


class LicenseTypeBrokenError(LicenseVaultError):
    """A license type's file cannot be used; ``problems`` are one line each: file, line, why."""

    def __init__(self, code: str, problems: tuple[str, ...]) -> None:
        super().__init__(f"license type {code}: " + "; ".join(problems[:3]))
        self.code = code
        self.problems = problems


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with a request: where (JSON pointer), a stable code, and a sentence."""

    pointer: str
    code: str
    message_zh: str
    message_en: str


class FieldInvalidError(LicenseVaultError):
    """A request has wrong values: all of them, not only the first."""

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        super().__init__("; ".join(f"{p.pointer}: {p.code}" for p in problems))
        self.problems = problems
