"""What can go wrong in a holder's vault, besides licenses and holders that are not there."""

from license_vault.errors import LicenseVaultError


class HoldingError(LicenseVaultError):
    """Something about a mandate, a print, a dispute or a handle cannot be done."""


class MandateNotFoundError(HoldingError):
    """There is no such mandate, or it is another holder's."""

    def __init__(self, mandate_id: str) -> None:
        super().__init__("no such mandate")
        self.mandate_id = mandate_id


class MandateInvalidError(HoldingError):
    """A mandate cannot be given so.

    ``reason`` is one of "same-person", "period", "not-an-organisation", "revoked".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"no such mandate can be given ({reason})")
        self.reason = reason


class PrintNotFoundError(HoldingError):
    """No print has this code."""

    def __init__(self, code: str) -> None:
        super().__init__("no such print")
        self.code = code


class NotInForceError(HoldingError):
    """What was asked for is made of a license in force only; ``current`` is its state."""

    def __init__(self, identifier: str, current: str) -> None:
        super().__init__(f"{identifier} is {current}, not in force")
        self.identifier = identifier
        self.current = current


class DisputeNotFoundError(HoldingError):
    """There is no such dispute, or the caller may not know of it."""

    def __init__(self, number: str) -> None:
        super().__init__("no such dispute")
        self.number = number


class DisputeOpenError(HoldingError):
    """The holder disputes this field of this license already; ``number`` is the open one."""

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} is open")
        self.number = number


class DisputeAnsweredError(HoldingError):
    """A dispute is answered once."""

    def __init__(self, number: str) -> None:
        super().__init__(f"{number} is answered")
        self.number = number


class HolderHandleUnusableError(HoldingError):
    """A holder's handle is unknown, expired, or another organisation's; it is not said which."""
