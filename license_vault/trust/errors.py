"""What goes wrong with trust material: certificates and CRLs that verifiers are to be told of."""

from license_vault.errors import LicenseVaultError


class TrustMaterialInvalidError(LicenseVaultError):
    """A certificate or CRL for the trust bundle was refused; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"not taken into the trust bundle ({reason})")
        self.reason = reason


class TrustMaterialRefusedError(TrustMaterialInvalidError):
    """One item of trust material was refused, and so nothing of the call was taken in.

    ``name`` is what the operator calls it. ``reason`` is one of "unreadable", "not-a-ca",
    "purpose-missing", "issuer-unknown", "older-than-held", "from-the-future", "opinions-differ",
    "not-an-anchor", "serial-shared", or one of ``keys.errors.InvalidSignatureError``.
    """

    def __init__(self, name: str, reason: str, detail: str = "") -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason
        self.detail = detail


class ChainRefusedError(LicenseVaultError):
    """A certificate chain does not lead to its anchor now.

    ``reason`` is one of "unreadable", "link", "period", "opinions-differ"; ``subject`` names the
    certificate it is about.
    """

    def __init__(self, reason: str, subject: str) -> None:
        super().__init__(f"certificate {subject}: {reason}".replace(" :", ":"))
        self.reason = reason
        self.subject = subject


class TrustListRefusedError(LicenseVaultError):
    """A trust list, root or approval was refused; ``reason`` says why.

    Besides the reasons of ``partner_lists``: "fingerprint-form", "fingerprint-wrong",
    "no-candidate", "no-split", "same-person".
    """

    def __init__(self, region: str, reason: str) -> None:
        super().__init__(f"trust list of {region}: {reason}")
        self.region = region
        self.reason = reason


class OwnTrustListError(LicenseVaultError):
    """Our own list or root cannot be made, signed or shown.

    ``reason`` is one of "no-root", "no-draft", "root-exists", "root-unsigned", "key-missing",
    "key-not-in-root", "threshold", "foreign-authority", "form"; ``detail`` names which.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"own trust list: {reason} {detail}".rstrip())
        self.reason = reason
        self.detail = detail
