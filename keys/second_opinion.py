"""A second opinion on SM2 signatures, by PyPI gmssl: pure Python, written by others.

Asked where two implementations must agree: at start-up, on every certificate a seal is installed
with, and on ``verify --second-opinion``. It only ever says whether a signature holds. It never
signs, since gmssl 3.2.2 draws the nonce from ``random`` and so gives the private key away, and it
is 40 times slower than the engine.

Known faults of gmssl 3.2.2 that are kept from having an effect here:

* the constructor takes ``lstrip("04")`` off the public key and so eats leading 0 and 4 digits of
  x as well: the key is set afterwards;
* it checks neither the range of r and s nor the form of DER, nor that the point is on the curve:
  that is done before it is asked;
* a sum at infinity raises TypeError: that is a signature that does not hold;
* its SM3 takes 18 s a megabyte: e is computed with ours.

One stays: when sG equals tP it forgets to normalise the sum and says no to a signature that
holds. Nobody can make one, since s would fix e before the message is known; and if it came about,
the two would disagree, which is never "valid".

Source: GB/T 32918.2-2016, 7.1.
"""

from __future__ import annotations

from functools import lru_cache

from gmssl.sm2 import CryptSM2

from keys import sm2
from keys.errors import EngineUnusableError, InvalidKeyError, InvalidSignatureError
from keys.sm3 import sm3


def agrees_valid(public_point: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether gmssl, too, finds that a DER signature holds under the default signer id.

    Never raises for anything in the arguments: what cannot be a signature does not hold.

    Args:
        public_point: 65 bytes: 04 || x || y.
    """
    question = _question(public_point, message, signature)
    return question is not None and _remembered(*question)


def _question(
    point: bytes, message: bytes, signature: bytes
) -> tuple[bytes, bytes, int, int] | None:
    try:
        r, s = sm2.split_signature(signature)
        return point, sm3(sm2.signer_digest(point), message), r, s
    except (InvalidSignatureError, InvalidKeyError):
        return None


def _opinion(public_point: bytes, digest: bytes, r: int, s: int) -> bool:
    opinion = CryptSM2(private_key="", public_key="")
    opinion.public_key = public_point[1:].hex()
    try:
        return opinion.verify(f"{r:064x}{s:064x}", digest) is True
    except TypeError:
        return False


# The certificates of a hierarchy are asked about again with every seal under it, 45 ms each time.
_remembered = lru_cache(maxsize=1024)(_opinion)


def self_test() -> None:
    """Prove that the second opinion says yes to the printed example and no to another message.

    Raises:
        EngineUnusableError: it does not, so its opinion is worth nothing.

    Source: GB/T 32918.5-2017, annex A.
    """
    example = _question(sm2.EXAMPLE_POINT, sm2.EXAMPLE_MESSAGE, sm2.EXAMPLE_SIGNATURE)
    other = _question(sm2.EXAMPLE_POINT, b"message digesu", sm2.EXAMPLE_SIGNATURE)
    # Asked anew, not remembered: it is gmssl as it is now that is proven.
    if example is None or other is None or not _opinion(*example) or _opinion(*other):
        raise EngineUnusableError("gmssl fails its self-test")
