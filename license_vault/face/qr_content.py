"""What the QR code of a license's face says: the verification page, and signed claims after #.

The claims are signed by the library's own key, never by a seal's: the code says what the library
knows when it draws the face. Codes of before named identifier and check code only, unsigned; the
page reads those too.
"""

from collections.abc import Callable

from license_vault.library_signature import LibrarySigner
from license_vault.license import LicenseContent
from signing.qr_claims import STATUS_LISTS_PATH, QrClaims, key_id, qr_text

QrText = Callable[[LicenseContent, str], str]


class SignedQrText:
    """Writes codes that the library signs. May be used from many threads."""

    def __init__(self, address: str, region: str, signer: LibrarySigner) -> None:
        """Take what codes need.

        Args:
            address: the node's public address, an https address without a path.
            region: the code of the region that the library's key stands for.
        """
        self._address = address
        self._region = region
        self._signer = signer

    def __call__(self, content: LicenseContent, check_code: str) -> str:
        """Return the code's text.

        Raises:
            KeyCustodyError: the library's key cannot be used.
        """
        claims = QrClaims(
            region=self._region,
            key_id=key_id(self._signer.identity.certificate),
            identifier=content.identifier,
            valid_from=content.valid_from,
            valid_until=content.valid_until,
            # A list keeps the address it began with; ours of today needs its name only.
            status_list=content.status_uri.removeprefix(f"{self._address}{STATUS_LISTS_PATH}"),
            status_index=content.status_index,
            check_code=check_code,
        )
        return qr_text(self._address, claims, self._signer.sign)
