"""What goes wrong with issue logs: nothing there, not there yet, or what contradicts."""

from license_vault.errors import LicenseVaultError


class IssueLogEmptyError(LicenseVaultError):
    """A log has no such checkpoint or tile; the log of a region has none before its first."""

    def __init__(self, region: str) -> None:
        super().__init__(f"the issue log of {region} has no such part")
        self.region = region


class NotInIssueLogError(LicenseVaultError):
    """The log has no such content_id."""

    def __init__(self, content_id: str) -> None:
        super().__init__("the issue log has no such content_id")
        self.content_id = content_id


class NotInCheckpointYetError(LicenseVaultError):
    """The content_id was entered, and comes into the log with its next checkpoint."""

    def __init__(self, content_id: str) -> None:
        super().__init__("the content_id enters the issue log with the next checkpoint")
        self.content_id = content_id


class CountersignatureRefusedError(LicenseVaultError):
    """A countersignature is not kept; ``reason`` is a stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"countersignature refused: {reason}")
        self.reason = reason
