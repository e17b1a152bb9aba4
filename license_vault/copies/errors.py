"""What keeps a purpose-bound copy from being made or found."""

from license_vault.errors import LicenseVaultError


class CopyRefusedError(LicenseVaultError):
    """No copy can be made now.

    ``reason`` is one of "not-in-force", "no-pdf", "expiry", "too-many-pages".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"no copy can be made ({reason})")
        self.reason = reason


class CopyUnknownError(LicenseVaultError):
    """There is no such copy, or none that the asker may see."""

    def __init__(self) -> None:
        super().__init__("no such copy")
