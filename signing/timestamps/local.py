"""A time-stamping authority inside the process, for development and tests.

Its tokens are real (SM3 imprint, SM2 signature, own key and certificate), but the clock is that of
the machine it runs on and nobody independent stands behind it: ``for_production`` is false, and
making one is logged as a warning.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from keys.provider import KeyProvider
from keys.sm3 import sm3
from signing import der, identifiers
from signing.cms.pdf_signature_writer import (
    LARGEST_SIGNATURE,
    SigningIdentity,
    signed_attributes,
    signer_info,
)
from signing.cms.signed_data import SignedData, encode_signed_data

_LOG = logging.getLogger(__name__)
_SERIAL_BYTES = 16


class LocalTimestamper:
    """Makes tokens with a key of our own. Source: RFC 3161, 2.4.2."""

    for_production = False

    def __init__(
        self,
        keys: KeyProvider,
        label: str,
        identity: SigningIdentity,
        clock: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> None:
        """Take the key by its label; ``identity`` is the authority's certificate and its issuers.

        Args:
            clock: the time now, aware UTC.
            random_bytes: as many unpredictable bytes as asked for.
        """
        _LOG.warning("time-stamps come from this machine's own clock: for development only")
        self._keys = keys
        self._label = label
        self._identity = identity
        self._clock = clock
        self._random_bytes = random_bytes
        self.largest_token = len(
            self._token(b"\x7f" * _SERIAL_BYTES, bytes(32), lambda _: bytes(LARGEST_SIGNATURE))
        )

    def timestamp(self, imprint: bytes) -> bytes:
        """Return a token over an SM3 imprint (32 bytes), for the clock's present second."""
        serial = self._random_bytes(_SERIAL_BYTES)
        return self._token(serial, imprint, lambda message: self._keys.sign(self._label, message))

    def _token(self, random_serial: bytes, imprint: bytes, sign: Callable[[bytes], bytes]) -> bytes:
        statement = self._statement(random_serial, imprint)
        certificate = self._identity.certificate
        message = signed_attributes(identifiers.TST_INFO, sm3(statement), certificate)
        return encode_signed_data(
            SignedData(
                outer_type=identifiers.SIGNED_DATA,
                version=3,
                digest_algorithms=(identifiers.SM3_ALGORITHM,),
                content_type=identifiers.TST_INFO,
                content=statement,
                certificates=(certificate, *self._identity.chain),
                signer=signer_info(self._identity, message, sign(message), None),
            )
        )

    def _statement(self, random_serial: bytes, imprint: bytes) -> bytes:
        """Return the DER of TSTInfo."""
        # The first bit cleared, so that the INTEGER is positive.
        serial = int.from_bytes(random_serial, "big") >> 1
        now = self._clock().strftime("%Y%m%d%H%M%SZ").encode("ascii")
        return der.sequence(
            der.integer(1),
            identifiers.LOCAL_TIMESTAMP_POLICY,
            der.sequence(identifiers.SM3_ALGORITHM, der.tlv(der.OCTET_STRING, imprint)),
            der.integer(serial),
            der.tlv(der.GENERALIZED_TIME, now),
        )
