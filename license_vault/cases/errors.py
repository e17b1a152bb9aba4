"""What keeps an item, a case or a form from being what somebody asked for."""

from license_vault.errors import LicenseVaultError


class ItemUnknownError(LicenseVaultError):
    """No item of this code has a definition."""

    def __init__(self, code: str) -> None:
        super().__init__("no such item")
        self.code = code


class CaseUnknownError(LicenseVaultError):
    """There is no such case, or none that the caller may see; the two are not told apart."""

    def __init__(self, handle: str) -> None:
        super().__init__("no such case")
        self.handle = handle


class CaseExistsError(LicenseVaultError):
    """The organisation has a case of this number already; ``handle`` names it."""

    def __init__(self, handle: str) -> None:
        super().__init__(f"case {handle} has this number")
        self.handle = handle


class CaseStateError(LicenseVaultError):
    """A case is in a state in which this is not done; ``current`` is that state."""

    def __init__(self, handle: str, current: str) -> None:
        super().__init__(f"case {handle} is {current}")
        self.handle = handle
        self.current = current


class CaseWithoutLicenseError(LicenseVaultError):
    """A case was decided 准予 and has not the license yet; ``missing`` are type codes."""

    def __init__(self, handle: str, missing: tuple[str, ...]) -> None:
        super().__init__(f"case {handle} lacks {', '.join(missing)}")
        self.handle = handle
        self.missing = missing


class CaseDocumentUnknownError(LicenseVaultError):
    """The case has no such document."""

    def __init__(self, handle: str) -> None:
        super().__init__("no such document")
        self.handle = handle


class SealedFormRefusedError(LicenseVaultError):
    """A sealed form does not belong to the case.

    ``reason`` is one of "not-sealed-here" (no seal was set on a sheet of this case that made
    this file), "seal-of-another" (by somebody who is not the case's holder), "not-verified".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"sealed form refused ({reason})")
        self.reason = reason
