"""What keeps licenses from being presented, a code from being resolved, a device from reading."""

from license_vault.errors import LicenseVaultError


class PresentationInvalidError(LicenseVaultError):
    """A presentation cannot be made like this.

    ``reason`` is one of "licenses", "unknown-license", "consent-missing", "unknown-field",
    "minutes"; ``pointer`` says where in the request (RFC 6901).
    """

    def __init__(self, reason: str, pointer: str) -> None:
        super().__init__(f"the presentation cannot be made ({reason} at {pointer})")
        self.reason = reason
        self.pointer = pointer


class PresentationUnknownError(LicenseVaultError):
    """There is no such presentation, or none that the asker may see."""

    def __init__(self) -> None:
        super().__init__("no such presentation")


class PresentationCodeError(LicenseVaultError):
    """A code does not open anything now; ``reason``: "used", "expired", "withdrawn", "unknown"."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the code cannot be resolved ({reason})")
        self.reason = reason


class DeviceUnknownError(LicenseVaultError):
    """There is no such device."""

    def __init__(self, device_id: str) -> None:
        super().__init__("no such device")
        self.device_id = device_id


class TypeNotNeededError(LicenseVaultError):
    """The item that a device works on does not need licenses of this type."""

    def __init__(self, item_code: str) -> None:
        super().__init__("the item does not need this license")
        self.item_code = item_code
