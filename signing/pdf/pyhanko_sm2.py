"""SM2 for pyHanko: a signer and a signature validator, through its own extension points.

For interoperability tests and benchmarks, where stock pyHanko is the other side: sealing does not
use the signer (``sealing`` writes the CMS itself, thirty times faster), and verdicts never come
from pyHanko's validation (docs/attacks.md F5). Accepts SM2 with SM3 under the default signer id.
Importing it registers the Chinese identifiers with asn1crypto.
"""

# The methods have the parameters that pyHanko calls them with.
# ruff: noqa: ARG002

from typing import Any

from asn1crypto import algos, cms, keys, tsp, x509
from pyhanko.sign.attributes import SigningCertificateV2Provider
from pyhanko.sign.general import SigningError as PyhankoSigningError
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.signers import Signer
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.utils import CMSAlgorithmUsagePolicy
from pyhanko_certvalidator.errors import InvalidSignature
from pyhanko_certvalidator.policy_decl import AlgorithmUsageConstraint
from pyhanko_certvalidator.registry import SimpleCertificateStore
from pyhanko_certvalidator.sig_validate import (
    DefaultSignatureValidator,
    SignatureValidationContext,
    SignatureValidator,
)

from keys import oids, sm2
from keys.errors import InvalidKeyError, InvalidSignatureError
from keys.provider import KeyProvider
from signing.cms.pdf_signature_writer import LARGEST_SIGNATURE
from signing.timestamps.token import Timestamper

oids.register()

_NAMES = ("sm3_sm2", "sm2")
_CURVE = "sm2p256v1"


class _SigningCertificateSM3(SigningCertificateV2Provider):
    """signing-certificate-v2 with SM3, where pyHanko always writes SHA-256."""

    async def build_attr_value(self, dry_run: bool = False) -> Any:
        return as_signing_certificate_v2(self.signing_cert, "sm3")


class SM2Signer(Signer):
    """Signs as stock pyHanko does, with a key behind a label."""

    def __init__(
        self, keys_: KeyProvider, label: str, certificate: bytes, others: tuple[bytes, ...] = ()
    ) -> None:
        """Take the key by its label; certificates are DER."""
        store = SimpleCertificateStore()
        store.register_multiple([x509.Certificate.load(der) for der in others])
        super().__init__(
            signing_cert=x509.Certificate.load(certificate),
            cert_registry=store,
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sm3_sm2"}),
        )
        self._keys = keys_
        self._label = label

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        """Return an SM2 signature (DER) over the signed attributes."""
        if digest_algorithm != "sm3":
            raise PyhankoSigningError("SM2 is used with SM3 only")
        return bytes(LARGEST_SIGNATURE) if dry_run else self._keys.sign(self._label, data)

    def _signed_attr_providers(self, *args: Any, **kwargs: Any) -> Any:
        for provider in super()._signed_attr_providers(*args, **kwargs):
            ours = type(provider) is SigningCertificateV2Provider
            yield _SigningCertificateSM3(provider.signing_cert) if ours else provider


class SM2TimeStamper(TimeStamper):
    """Gives pyHanko the tokens of one of our time-stampers."""

    def __init__(self, timestamper: Timestamper) -> None:
        super().__init__()
        self._timestamper = timestamper

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Return a token over an SM3 digest."""
        if md_algorithm != "sm3":
            raise PyhankoSigningError("time-stamps are over SM3 only")
        return cms.ContentInfo.load(self._timestamper.timestamp(message_digest))

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> Any:
        """Not reached: tokens are made whole."""
        raise PyhankoSigningError("tokens do not come as responses")


class SM2SignatureValidator(SignatureValidator):
    """Checks SM2 signatures of CMS values, certificates and lists; others as pyHanko does."""

    def validate_signature(
        self,
        signature: bytes,
        signed_data: bytes,
        public_key_info: keys.PublicKeyInfo,
        signature_algorithm: algos.SignedDigestAlgorithm,
        context: SignatureValidationContext | None = None,
    ) -> None:
        """Return if the signature holds; raise pyHanko's InvalidSignature if not."""
        key_is_sm2 = _is_sm2(public_key_info)
        if signature_algorithm["algorithm"].native not in _NAMES:
            if key_is_sm2:
                raise InvalidSignature("an SM2 key signs with SM2 only")
            DefaultSignatureValidator().validate_signature(
                signature, signed_data, public_key_info, signature_algorithm, context
            )
            return
        # Without signed attributes pyHanko gives a digest, and Z || M cannot be had from it.
        if not key_is_sm2 or (context is not None and context.prehashed):
            raise InvalidSignature("SM2 over a message needs an SM2 key and the message")
        try:
            sm2.verify(public_key_info["public_key"].native, signed_data, signature)
        except (InvalidSignatureError, InvalidKeyError) as error:
            raise InvalidSignature("SM2 signature does not hold") from error


def _is_sm2(public_key_info: keys.PublicKeyInfo) -> bool:
    algorithm = public_key_info["algorithm"]
    return algorithm["algorithm"].native == "ec" and algorithm["parameters"].native == _CURVE


class SM2AlgorithmPolicy(CMSAlgorithmUsagePolicy):
    """Allows SM2 and SM3, and nothing else."""

    def signature_algorithm_allowed(
        self, algo: Any, moment: Any, public_key: Any
    ) -> AlgorithmUsageConstraint:
        """Return whether a signature algorithm is SM2 with SM3."""
        return AlgorithmUsageConstraint(allowed=algo["algorithm"].native in _NAMES)

    def digest_algorithm_allowed(self, algo: Any, moment: Any) -> AlgorithmUsageConstraint:
        """Return whether a digest is SM3."""
        return AlgorithmUsageConstraint(allowed=algo["algorithm"].native == "sm3")

    def digest_combination_allowed(
        self, signature_algo: Any, message_digest_algo: Any, moment: Any
    ) -> AlgorithmUsageConstraint:
        """Return whether SM2 goes together with SM3, which pyHanko cannot know."""
        both = (
            signature_algo["algorithm"].native in _NAMES,
            message_digest_algo["algorithm"].native,
        )
        return AlgorithmUsageConstraint(allowed=both == (True, "sm3"))
