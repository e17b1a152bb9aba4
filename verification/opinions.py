"""Ask another SM2 implementation about the signatures of a seal, where one is at hand.

Source: ADR 0008 (second opinions).
"""

from __future__ import annotations

from collections.abc import Callable

from signing.errors import SigningError
from signing.ses.seal import SESeal, read_ses_seal
from verification.evidence import ParsedSeal, SealFacts, ValueKind
from verification.seal_value import read_value, signed_message
from verification.trust import readable_certificate

SecondOpinion = Callable[[bytes, bytes, bytes], bool]


def value_opinion(seal: ParsedSeal, facts: SealFacts, ask: SecondOpinion | None) -> bool | None:
    """Return what another implementation says of a seal's value; nothing if it cannot be asked."""
    value, _ = read_value(seal)
    certificate = readable_certificate(value.signer_certificate) if value is not None else None
    if ask is None or value is None or certificate is None:
        return None
    return ask(certificate.public_point, signed_message(value, facts), value.signature)


def maker_opinion(seal: ParsedSeal, ask: SecondOpinion | None) -> bool | None:
    """Return what another implementation says of the maker's signature of the seal inside."""
    made = _seal_inside(seal)
    maker = readable_certificate(made.maker_certificate) if made is not None else None
    if ask is None or made is None or maker is None:
        return None
    return ask(maker.public_point, made.signed_bytes, made.signature)


def _seal_inside(seal: ParsedSeal) -> SESeal | None:
    if seal.kind is not ValueKind.SES_SEAL:
        value, _ = read_value(seal)
        return None if value is None or value.ses is None else value.ses.seal
    try:
        return read_ses_seal(seal.value)
    except SigningError:
        return None
