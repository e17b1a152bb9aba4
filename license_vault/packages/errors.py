"""The errors of issuing several at once: evidence, conditions, parts, packages."""

from license_vault.errors import LicenseVaultError


class EvidenceRefusedError(LicenseVaultError):
    """A file cannot be taken as evidence; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(f"evidence refused: {code}")
        self.code = code


class EvidenceTooLargeError(LicenseVaultError):
    """A file of evidence has more bytes than are taken."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"evidence over {limit} bytes")
        self.limit = limit


class EvidenceNotFoundError(LicenseVaultError):
    """There is no such evidence, or none that may be seen."""

    def __init__(self, evidence_id: str) -> None:
        super().__init__(f"no evidence {evidence_id}")
        self.evidence_id = evidence_id


class ConditionNotFoundError(LicenseVaultError):
    """The license has no condition of this number."""

    def __init__(self, identifier: str, position: int) -> None:
        super().__init__(f"license {identifier} has no condition {position}")
        self.identifier = identifier
        self.position = position


class ConditionFulfilledError(LicenseVaultError):
    """The condition was fulfilled before, by another request."""

    def __init__(self, identifier: str, position: int) -> None:
        super().__init__(f"condition {position} of {identifier} is fulfilled already")
        self.identifier = identifier
        self.position = position


class PartNotFoundError(LicenseVaultError):
    """The license has no part of this number, or none that the caller may act on."""

    def __init__(self, identifier: str, position: int) -> None:
        super().__init__(f"license {identifier} has no part {position}")
        self.identifier = identifier
        self.position = position


class PackageNotFoundError(LicenseVaultError):
    """There is no such package, or none that may be seen."""


class PackageLicenseError(LicenseVaultError):
    """A member of one of a package's licenses is wrong; ``error`` says which, ``place`` of which.

    The place counts from 0.
    """

    def __init__(self, place: int, error: LicenseVaultError) -> None:
        super().__init__(f"license {place} of the package: {error}")
        self.place = place
        self.error = error


class NoDuplicatesError(LicenseVaultError):
    """A license has no 副本 in force, so it is no set."""

    def __init__(self, identifier: str) -> None:
        super().__init__(f"no duplicates of {identifier} are in force")
        self.identifier = identifier
