"""What keeps an item, an officer or a signed approval from being accepted."""

from license_vault.errors import LicenseVaultError


class ItemInvalidError(LicenseVaultError):
    """An item's code or name cannot be used; ``reason`` is "code" or "name"."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"item {code} refused ({reason})")
        self.code = code
        self.reason = reason


class ItemExistsError(LicenseVaultError):
    """An item with this code is there already."""

    def __init__(self, code: str) -> None:
        super().__init__(f"item {code} exists")
        self.code = code


class OfficerUnknownError(LicenseVaultError):
    """No officer with this id may sign approvals now."""

    def __init__(self, officer_id: str) -> None:
        super().__init__(f"no officer {officer_id}")
        self.officer_id = officer_id


class OfficerExistsError(LicenseVaultError):
    """The officer is there with a certificate; disable it before bringing another."""

    def __init__(self, officer_id: str) -> None:
        super().__init__(f"officer {officer_id} exists")
        self.officer_id = officer_id


class OfficerRefusedError(LicenseVaultError):
    """An officer cannot be taken in.

    ``reason`` is one of "id", "certificate-unreadable", "certificate-usage",
    "certificate-period", "key-of-another".
    """

    def __init__(self, officer_id: str, reason: str) -> None:
        super().__init__(f"officer {officer_id} refused ({reason})")
        self.officer_id = officer_id
        self.reason = reason


class ApprovalMissingError(LicenseVaultError):
    """An item demands a step that nobody has signed."""

    def __init__(self, item_code: str, step: str) -> None:
        super().__init__(f"item {item_code} needs an approval of the step {step}")
        self.item_code = item_code
        self.step = step


class ItemUnregisteredError(LicenseVaultError):
    """A request names no item that is registered, and unsigned requests are refused here."""

    def __init__(self, item_code: str) -> None:
        super().__init__(f"item {item_code or '(none)'} is not registered")
        self.item_code = item_code


class ApprovalInvalidError(LicenseVaultError):
    """A signed approval does not count.

    ``reason`` is one of "officer-unknown", "step-unexpected", "step-twice", "from-the-future",
    "certificate-period", "signature", "checked-before-review", "item-unknown".
    """

    def __init__(self, reason: str, officer_id: str) -> None:
        super().__init__(f"the approval of {officer_id} does not count ({reason})")
        self.reason = reason
        self.officer_id = officer_id


class SamePersonError(LicenseVaultError):
    """One person cannot do both steps: review and check, apply and approve, order and make."""

    def __init__(self, person: str, step: str) -> None:
        super().__init__(f"{person} did the step before and cannot {step}")
        self.person = person
        self.step = step
