"""What goes wrong with partner regions: one we do not know, one that cannot be one."""

from license_vault.errors import LicenseVaultError


class PartnerUnknownError(LicenseVaultError):
    """No region of this code is a partner, or not one whose list was accepted."""

    def __init__(self, region: str) -> None:
        super().__init__(f"{region} is no partner region")
        self.region = region


class PartnerSuspendedError(LicenseVaultError):
    """The partner is suspended by an operator here: it is neither called nor answered."""

    def __init__(self, region: str) -> None:
        super().__init__(f"the partner {region} is suspended")
        self.region = region


class OwnRegionError(LicenseVaultError):
    """This is our own region: it is no partner of itself."""

    def __init__(self, region: str) -> None:
        super().__init__(f"{region} is this node's own region")
        self.region = region


class PullRefusedError(LicenseVaultError):
    """What a partner sent is not taken, or nothing came; ``reason`` is a stable code.

    ``alarming`` says that a partner that only has trouble would not send it: somebody must look.
    """

    def __init__(self, reason: str, *, alarming: bool = False) -> None:
        super().__init__(f"not taken: {reason}")
        self.reason = reason
        self.alarming = alarming
