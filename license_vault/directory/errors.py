"""What goes wrong with reports to the upper directory."""

from license_vault.errors import LicenseVaultError


class ReportUnknownError(LicenseVaultError):
    """The directory refused no report of this license, or none that the asker may see."""

    def __init__(self, identifier: str) -> None:
        super().__init__("no refused report of this license")
        self.identifier = identifier
