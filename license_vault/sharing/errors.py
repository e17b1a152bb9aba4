"""What goes wrong with sharing: no such document, one that is not taken, no such receipt."""

from license_vault.errors import LicenseVaultError


class SharingDocumentUnknownError(LicenseVaultError):
    """No such catalogue, use list or maps was published, or not in this version."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"no {kind} is published")
        self.kind = kind


class SharingDocumentRefusedError(LicenseVaultError):
    """A partner's document is not taken; ``reason`` is stable."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the sharing document is refused: {reason}")
        self.reason = reason


class VerificationReceiptUnknownError(LicenseVaultError):
    """There is no verification receipt of this number."""

    def __init__(self) -> None:
        super().__init__("no such verification receipt")


class IntakeRefusedError(LicenseVaultError):
    """A file is not taken into a vault; ``reason`` is stable."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the file is not taken in: {reason}")
        self.reason = reason


class PartnerLicenseUnknownError(LicenseVaultError):
    """There is no license of a partner region of this name in the vault."""

    def __init__(self) -> None:
        super().__init__("no such partner license in this vault")
