"""The errors of the vault: one root, one class for each case, named for the case.

What goes wrong with seals, faces and trust material is in ``seals.errors``, ``face.errors`` and
``trust.errors``.

The classes hold values and know nothing of HTTP; ``api.problems.answers`` maps them. Nothing here
imports another module of the vault, so that the pure vocabulary may raise them too.
"""

from dataclasses import dataclass


class LicenseVaultError(Exception):
    """Something the vault was asked for cannot be done.

    ``package_place``: against which license of a package it stands, from 0; None: of none.
    """

    package_place: int | None = None


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


# --- storage, database and issuance -----------------------------------------------------------


class DatabaseUnavailableError(LicenseVaultError):
    """The database did not answer or gave up; the same request may be tried again."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the database is not available ({reason})")
        self.reason = reason


class PathUnusableError(LicenseVaultError):
    """A folder or file of this machine cannot be made, read or written; ``reason`` says why."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} cannot be used ({reason})")
        self.path = path
        self.reason = reason


class RowConflictError(LicenseVaultError):
    """A unique index refused a row: somebody else was first. ``constraint`` names it."""

    def __init__(self, constraint: str) -> None:
        super().__init__(f"a row stands against it ({constraint})")
        self.constraint = constraint


class StoreUnavailableError(LicenseVaultError):
    """The object store did not answer or gave up; the same request may be tried again."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the object store is not available ({reason})")
        self.reason = reason


class StoreOverwritesError(LicenseVaultError):
    """The object store let a second writer replace what the first had put: never use it."""


class ObjectKeyInvalidError(LicenseVaultError):
    """A text cannot name an object of the store."""

    def __init__(self, key: str) -> None:
        super().__init__("not a name for an object")
        self.key = key


class ObjectExistsError(LicenseVaultError):
    """The object's name already holds other bytes; they stay."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} already holds other bytes")
        self.key = key


class ObjectMissingError(LicenseVaultError):
    """The store has no object where a row says there is one."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} is not in the store")
        self.key = key


class ObjectDamagedError(LicenseVaultError):
    """A stored object is not what was put there; it is never handed out.

    ``part`` is "ciphertext", "envelope" or "content": what no longer agrees.
    """

    def __init__(self, key: str, part: str) -> None:
        super().__init__(f"{key} is damaged ({part})")
        self.key = key
        self.part = part


class LicenseNotFoundError(LicenseVaultError):
    """There is no such license, or the caller may not know of it, or the code is wrong."""

    def __init__(self, identifier: str) -> None:
        super().__init__(f"no license {identifier}")
        self.identifier = identifier


class HolderNotFoundError(LicenseVaultError):
    """There is no holder with this handle, or the caller may not know of it."""

    def __init__(self, handle: str) -> None:
        super().__init__("no such holder")
        self.handle = handle


class TransitionNotAllowedError(LicenseVaultError):
    """The license cannot go from the status it has to the status asked for."""

    def __init__(self, identifier: str, current: str, wanted: str) -> None:
        super().__init__(f"{identifier} is {current}, it cannot become {wanted}")
        self.identifier = identifier
        self.current = current
        self.wanted = wanted


class EffectiveDateInvalidError(LicenseVaultError):
    """A change cannot take effect then: before the license began, or in the future."""

    def __init__(self, identifier: str, effective_from: str) -> None:
        super().__init__(f"{identifier} cannot change as of {effective_from}")
        self.identifier = identifier
        self.effective_from = effective_from


class VersionPendingError(LicenseVaultError):
    """Another version of the license is being made, or waits for its day."""

    def __init__(self, identifier: str) -> None:
        super().__init__(f"{identifier} is to follow already")
        self.identifier = identifier


class RenewalTooLateError(LicenseVaultError):
    """A renewal was not applied for in time; ``last_day`` was the last one."""

    def __init__(self, identifier: str, last_day: str) -> None:
        super().__init__(f"the renewal of {identifier} had to be applied for by {last_day}")
        self.identifier = identifier
        self.last_day = last_day


class RenewalNotPendingError(LicenseVaultError):
    """No renewal was applied for that could be refused, or the license has no last day."""

    def __init__(self, identifier: str) -> None:
        super().__init__(f"no renewal of {identifier} waits for a decision")
        self.identifier = identifier


class NotTransferredError(LicenseVaultError):
    """The license is not one that can be taken over: unknown here, not transferred out, other."""

    def __init__(self, identifier: str) -> None:
        super().__init__(f"{identifier} cannot be taken over")
        self.identifier = identifier


class IdempotencyKeyInvalidError(LicenseVaultError):
    """An Idempotency-Key is 1 to 255 printable ASCII characters."""


class IdempotencyKeyReusedError(LicenseVaultError):
    """The Idempotency-Key was used before, with another body."""


class IssuanceInFlightError(LicenseVaultError):
    """The same request is being worked on right now; ask again in a moment."""

    def __init__(self, identifier: str) -> None:
        super().__init__(f"{identifier} is being issued")
        self.identifier = identifier


class IssuanceVoidError(LicenseVaultError):
    """The request failed for good after it was recorded; its identifier is spent."""

    def __init__(self, identifier: str) -> None:
        super().__init__(f"{identifier} was never issued and never will be")
        self.identifier = identifier


class NumberInForceError(LicenseVaultError):
    """The number and copy have a version in force, or one being issued, already."""

    def __init__(self, identifier: str) -> None:
        super().__init__(f"the number has {identifier} in force")
        self.identifier = identifier


class CaseAlreadyIssuedError(LicenseVaultError):
    """The case has led to this license already, under another Idempotency-Key."""

    def __init__(self, identifier: str) -> None:
        super().__init__(f"the case has led to {identifier} already")
        self.identifier = identifier


class FormUnreadableError(LicenseVaultError):
    """A stored file of ours is not the form it should be; ``reason`` is the reader's code."""

    def __init__(self, form: str, reason: str) -> None:
        super().__init__(f"no {form} that can be read ({reason})")
        self.form = form
        self.reason = reason


class OutputRefusedError(LicenseVaultError):
    """Our own verifier does not accept the file we made; ``codes`` are its reasons."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__("our own output was refused: " + ", ".join(codes))
        self.codes = codes


class OrganisationUnknownError(LicenseVaultError):
    """No organisation has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"no organisation {code}")
        self.code = code


class OrganisationExistsError(LicenseVaultError):
    """An organisation with this code is there already."""

    def __init__(self, code: str) -> None:
        super().__init__(f"organisation {code} exists")
        self.code = code


class AuthorityNotPermittedError(LicenseVaultError):
    """The caller's organisation neither is this authority nor stands above it."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the caller may not act for {code}")
        self.code = code


class ScopeMissingError(LicenseVaultError):
    """The caller was not given this right for this license type."""

    def __init__(self, action: str, type_code: str) -> None:
        super().__init__(f"no right to {action} for {type_code}")
        self.action = action
        self.type_code = type_code


class CredentialsRefusedError(LicenseVaultError):
    """Client and secret, or the token, are not ones that count now; it is not said why."""


class ClientUnknownError(LicenseVaultError):
    """No API client has this id."""

    def __init__(self, client_id: str) -> None:
        super().__init__(f"no API client {client_id}")
        self.client_id = client_id


class SchemaOutdatedError(LicenseVaultError):
    """The database has another schema than this code needs; run ``license-vault migrate``."""

    def __init__(self, found: str | None, needed: str) -> None:
        super().__init__(f"the database is at {found}, this code needs {needed}")
        self.found = found
        self.needed = needed


class AuditHeadMissingError(LicenseVaultError):
    """The row that says where the audit chain ends is gone: nothing may happen unrecorded."""
