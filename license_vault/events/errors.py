"""What goes wrong with webhooks: an address we do not call, an unknown subscription, its state."""

from license_vault.errors import LicenseVaultError


class AddressRefusedError(LicenseVaultError):
    """We do not call this address: "scheme", "form" or "not-open"."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the address is not called ({reason})")
        self.reason = reason


class WebhookUnknownError(LicenseVaultError):
    """There is no subscription with this number, or none of the asker's organisation."""

    def __init__(self, number: str) -> None:
        super().__init__("no such webhook")
        self.number = number


class WebhookStateError(LicenseVaultError):
    """The subscription stands in a state in which this cannot be done."""

    def __init__(self, current: str, act: str) -> None:
        super().__init__(f"the webhook is {current}: no {act}")
        self.current = current
        self.act = act
