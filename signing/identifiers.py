"""The object identifiers of our signatures, as DER, each with its source.

Spelled once, so that the reader and the writer cannot differ.
"""

from signing import der

SM3 = der.object_identifier("1.2.156.10197.1.401")  # GB/T 33560-2017
SM2_WITH_SM3 = der.object_identifier("1.2.156.10197.1.501")  # GB/T 33560-2017
SM2_SIGNATURE = der.object_identifier("1.2.156.10197.1.301.1")  # GB/T 35275-2017, in tokens
SHA256 = der.object_identifier("2.16.840.1.101.3.4.2.1")  # NIST; ESSCertIDv2's default

SIGNED_DATA = der.object_identifier("1.2.840.113549.1.7.2")  # RFC 5652, 5.1
DATA = der.object_identifier("1.2.840.113549.1.7.1")  # RFC 5652, 4
GM_SIGNED_DATA = der.object_identifier("1.2.156.10197.6.1.4.2.2")  # GB/T 35275-2017
GM_DATA = der.object_identifier("1.2.156.10197.6.1.4.2.1")  # GB/T 35275-2017
TST_INFO = der.object_identifier("1.2.840.113549.1.9.16.1.4")  # RFC 3161, 2.4.2

CONTENT_TYPE = der.object_identifier("1.2.840.113549.1.9.3")  # RFC 5652, 11.1
MESSAGE_DIGEST = der.object_identifier("1.2.840.113549.1.9.4")  # RFC 5652, 11.2
SIGNING_TIME = der.object_identifier("1.2.840.113549.1.9.5")  # RFC 5652, 11.3
SIGNING_CERTIFICATE = der.object_identifier("1.2.840.113549.1.9.16.2.12")  # RFC 5035, 5.4.1
SIGNING_CERTIFICATE_V2 = der.object_identifier("1.2.840.113549.1.9.16.2.47")  # RFC 5035, 3
SIGNATURE_TIMESTAMP = der.object_identifier("1.2.840.113549.1.9.16.2.14")  # RFC 3161, annex A

# Our own arc (ITU-T X.667, a UUID): "the time is the issuing service's own clock, for development".
LOCAL_TIMESTAMP_POLICY = der.object_identifier("2.25.69842565992880661558815844605740182028")

# AlgorithmIdentifier with parameters absent, as ADR 0012 writes it, and with NULL, as some do.
SM3_ALGORITHM = der.sequence(SM3)
SM3_ALGORITHM_NULL = der.sequence(SM3, b"\x05\x00")
SM2_WITH_SM3_ALGORITHM = der.sequence(SM2_WITH_SM3)


def name_of(identifier: bytes) -> str:
    """Return a short name of an encoded identifier, its dotted text if we have none."""
    known = _NAMES.get(identifier)
    return known or der.dotted(der.DerReader(identifier).contents(der.OBJECT_IDENTIFIER, "name"))


_NAMES = {
    SM3: "sm3",
    SHA256: "sha256",
    SM2_WITH_SM3: "sm3_sm2",
    SM2_SIGNATURE: "sm2",
    DATA: "data",
    TST_INFO: "tst_info",
    SIGNED_DATA: "signed_data",
}
