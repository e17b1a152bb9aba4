"""What publishing status lists has to refuse."""

from license_vault.errors import LicenseVaultError


class StatusChangesGoneError(LicenseVaultError):
    """The changes of a list since a sequence are not told; the two whole files are."""

    def __init__(self, since: int) -> None:
        super().__init__(f"no changes since sequence {since}")
        self.since = since
