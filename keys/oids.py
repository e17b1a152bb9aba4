"""Object identifiers of Chinese cryptography, and their registration with asn1crypto.

asn1crypto knows none of them; ``register`` adds names the way pyHanko adds ML-DSA. Importing this
module changes nothing: whoever builds or reads with asn1crypto calls ``register`` first.

Source: GB/T 33560-2017; GM/T 0006-2012.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from asn1crypto import algos, keys

SM2_CURVE = "1.2.156.10197.1.301"
SM2_SIGNATURE = "1.2.156.10197.1.301.1"
SM3 = "1.2.156.10197.1.401"
HMAC_SM3 = "1.2.156.10197.1.401.2"
SM2_WITH_SM3 = "1.2.156.10197.1.501"
SM4_GCM = "1.2.156.10197.1.104.8"
EC_PUBLIC_KEY = "1.2.840.10045.2.1"


@cache
def register() -> None:
    """Teach asn1crypto the names 'sm3', 'sm3_sm2', 'sm2' and the curve 'sm2p256v1'; once."""
    keys.NamedCurve.register("sm2p256v1", SM2_CURVE, 32)
    _add(algos.DigestAlgorithmId, SM3, "sm3")
    _add(algos.SignedDigestAlgorithmId, SM2_WITH_SM3, "sm3_sm2")
    # GB/T 35275 writes the bare SM2 identifier and takes the digest from digestAlgorithm.
    _add(algos.SignedDigestAlgorithmId, SM2_SIGNATURE, "sm2")


def _add(cls: Any, oid: str, name: str) -> None:
    cls._map[oid] = name
    # Some classes build the reverse map lazily, SignedDigestAlgorithmId has it from the start.
    if cls._reverse_map is not None:
        cls._reverse_map[name] = oid
