"""What keeps a seal from being applied for, made, granted or set."""

from license_vault.errors import LicenseVaultError


class SealUnknownError(LicenseVaultError):
    """No seal has this code, or none that the caller may know of."""

    def __init__(self, code: str) -> None:
        super().__init__(f"no seal {code}")
        self.code = code


class SealExistsError(LicenseVaultError):
    """A seal with this code was applied for already."""

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

    ``reason`` is the state it is in instead of "active" ("suspended", "remaking", "cancelled", …),
    or one of "not-made", "seal-period", "seal-other-certificate", "seal-unreadable",
    "certificate-period", "key-missing", "key-other".
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"seal {code} cannot be used ({reason})")
        self.code = code
        self.reason = reason


class SealInvalidError(LicenseVaultError):
    """What was brought for a seal does not fit together; ``reason`` says what.

    "code", "kind", "name", "basis", "number", "owner", "picture-size", "key-missing", "key-other",
    "certificate-unreadable", "certificate-other-seal", "certificate-other-owner",
    "certificate-usage", "certificate-period", "certificate-untrusted", "chain",
    "opinions-differ", "grant-of-a-holder".
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"seal {code} refused ({reason})")
        self.code = code
        self.reason = reason


class SealStateError(LicenseVaultError):
    """The seal's state does not allow what was asked for (``seals.life.ARROWS``)."""

    def __init__(self, code: str, current: str, act: str) -> None:
        super().__init__(f"seal {code} is {current}, one cannot {act} it")
        self.code = code
        self.current = current
        self.act = act


class SealMakerError(LicenseVaultError):
    """The maker of seals cannot make one now.

    ``reason`` is one of "certificate-missing", "certificate-period", "certificate-usage",
    "certificate-unpublished" (verifiers are not told of it), "key-missing", "key-other".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"the seal maker cannot make seals ({reason})")
        self.reason = reason


class SealRoleMissingError(LicenseVaultError):
    """Somebody may not do this with seals; ``role`` is the role it takes."""

    def __init__(self, person: str, role: str) -> None:
        super().__init__(f"{person} does not have the role {role}")
        self.person = person
        self.role = role


class SealRolesConflictError(LicenseVaultError):
    """One person would have two of the roles manage, use, audit; ``holds`` is what is held."""

    def __init__(self, person: str, holds: str, role: str) -> None:
        super().__init__(f"{person} has the role {holds} and cannot have {role}")
        self.person = person
        self.holds = holds
        self.role = role


class PersonInvalidError(LicenseVaultError):
    """A person is named by the ``sub`` of their tokens: letters, digits and a few signs."""

    def __init__(self, person: str) -> None:
        super().__init__(f"{person!r} names no person")
        self.person = person


class ConsentMissingError(LicenseVaultError):
    """A holder's own seal is set with the holder's consent for this one use, and none came."""

    def __init__(self, code: str) -> None:
        super().__init__(f"seal {code} needs the holder's consent")
        self.code = code


class ConsentUnusableError(LicenseVaultError):
    """A consent does not allow this use.

    ``reason`` is one of "unknown", "expired", "used", "other-document".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"the consent does not allow this ({reason})")
        self.reason = reason


class DocumentRefusedError(LicenseVaultError):
    """A document that came to be sealed is not one that we seal.

    ``reason`` is one of "unreadable", "sealed-already", "a-license", "placement", "form".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(f"the document is not sealed ({reason})")
        self.reason = reason
