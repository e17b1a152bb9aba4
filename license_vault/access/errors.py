"""What goes wrong with grants: no grant for a use, an unknown request, a state that forbids it."""

from license_vault.errors import LicenseVaultError


class AccessNotGrantedError(LicenseVaultError):
    """No grant lets this organisation use this type for this item and purpose, today."""

    def __init__(self, type_code: str, item_code: str) -> None:
        super().__init__(f"no grant for {type_code} in item {item_code}")
        self.type_code = type_code
        self.item_code = item_code


class AccessRequestUnknownError(LicenseVaultError):
    """There is no request with this number, or none that the asker may see."""

    def __init__(self, number: str) -> None:
        super().__init__("no such access request")
        self.number = number


class AccessStateError(LicenseVaultError):
    """The request stands in a state in which this cannot be done."""

    def __init__(self, current: str, act: str) -> None:
        super().__init__(f"the request is {current}: no {act}")
        self.current = current
        self.act = act


class AccessPeriodError(LicenseVaultError):
    """A grant would have to end after now and within the longest time one may last."""

    def __init__(self, longest_days: int) -> None:
        super().__init__(f"a grant lasts from now to {longest_days} days")
        self.longest_days = longest_days
