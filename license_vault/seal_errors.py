"""What keeps a seal from being installed, granted or set."""

from license_vault.errors import LicenseVaultError


class SealUnknownError(LicenseVaultError):
    """No seal has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"no seal {code}")
        self.code = code


class SealExistsError(LicenseVaultError):
    """A seal with this code is installed already."""

    def __init__(self, code: str) -> None:
        super().__init__(f"seal {code} exists")
        self.code = code


class SealNotPermittedError(LicenseVaultError):
    """No seal may be set for this authority's licenses of this type (default deny)."""

    def __init__(self, authority_code: str, type_code: str) -> None:
        super().__init__(f"no seal is granted to {authority_code} for {type_code}")
        self.authority_code = authority_code
        self.type_code = type_code


class SealUnusableError(LicenseVaultError):
    """The seal that is granted cannot be set now.

    ``reason`` is one of "state", "certificate-period", "key-missing", "key-other".
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"seal {code} cannot be used ({reason})")
        self.code = code
        self.reason = reason


class SealInvalidError(LicenseVaultError):
    """What was brought as a seal does not fit together; ``reason`` says what."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"seal {code} refused ({reason})")
        self.code = code
        self.reason = reason
