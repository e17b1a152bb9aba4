"""The license library's own signature: with the key ``system``, which is no seal.

Receipts of presentations and purpose-bound copies are signed so: the library says what it did.
It can never say what an authority says: no seal's key is reachable from here.
"""

from collections.abc import Callable, Sequence
from functools import partial

from keys.provider import KeyProvider
from license_vault.issuing.manifests import SYSTEM_LABEL
from signing.cms.pdf_signature_writer import SigningIdentity
from signing.timestamps.token import Timestamper


class LibrarySigner:
    """The library's key, certificate and time-stamps. May be used from many threads."""

    def __init__(
        self,
        keys: KeyProvider,
        chain: Callable[[], Sequence[bytes]],
        timestamper: Timestamper,
    ) -> None:
        """Take what signing needs.

        Args:
            chain: gives the certificate of the key ``system`` and its issuing CAs without the
                root (DER), as they are now.
        """
        self._keys = keys
        self._chain = chain
        self.timestamper = timestamper

    @property
    def identity(self) -> SigningIdentity:
        """Return certificate and issuing CAs to enclose, as they are now."""
        certificate, *issuers = self._chain()
        return SigningIdentity(certificate, tuple(issuers))

    @property
    def sign(self) -> Callable[[bytes], bytes]:
        """Return what makes an SM2 signature (DER) over a message.

        Raises:
            KeyCustodyError: when it is called, and the key cannot be used.
        """
        return partial(self._keys.sign, SYSTEM_LABEL)
