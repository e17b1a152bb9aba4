"""Signs OFD entries as others do, or wrongly: any value, any coverage, any description.

    entries = signed_entries(world.drawn_entries(claims=False), gm_value(...), kind="Sign")

``make_value`` is given the bytes of Signature.xml and makes SignedValue.dat of them.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from memory_keys import MemoryKeys
from mutants.ofd_world import DESCRIPTION, NAMESPACE, SEAL_FILE, SIGNATURES, VALUE

from keys.certificate import read_certificate
from keys.sm3 import sm3
from signing import der, identifiers
from signing.cms.signed_data import (
    Attribute,
    SignedData,
    SignerInfo,
    attributes_to_sign,
    encode_signed_data,
)
from signing.seal import Seal
from signing.ses.signature import SealUse, make_ses_signature
from signing.timestamps.local import LocalTimestamper

MakeValue = Callable[[bytes], bytes]
_XMLNS = f'xmlns:ofd="{NAMESPACE}"'
_SM3 = "1.2.156.10197.1.401"


@dataclass(frozen=True)
class Description:
    """What a signature says of itself; ``covered`` are entry names, nothing: all there are."""

    kind: str = "Seal"
    check_method: str = _SM3
    covered: Iterable[str] | None = None
    covers_list: bool = True
    stamped: bool = True
    seal_file: bytes | None = None
    extra: str = ""


def signed_entries(
    entries: Mapping[str, bytes], make_value: MakeValue, description: Description = Description()
) -> dict[str, bytes]:
    """Return the entries with one signature over them."""
    made = dict(entries)
    made["OFD.xml"] = made["OFD.xml"].replace(
        b"</ofd:DocRoot>", f"</ofd:DocRoot><ofd:Signatures>/{SIGNATURES}</ofd:Signatures>".encode()
    )
    made[SIGNATURES] = (
        f"<ofd:Signatures {_XMLNS}><ofd:MaxSignId>1</ofd:MaxSignId>"
        f'<ofd:Signature ID="1" Type="{description.kind}" BaseLoc="/{DESCRIPTION}"/>'
        "</ofd:Signatures>"
    ).encode()
    if description.seal_file is not None:
        made[SEAL_FILE] = description.seal_file
    covered = description.covered
    names = [
        name
        for name in (made if covered is None else covered)
        if description.covers_list or name != SIGNATURES
    ]
    made[DESCRIPTION] = _description(made, names, description)
    made[VALUE] = make_value(made[DESCRIPTION])
    return made


def _description(
    entries: Mapping[str, bytes], names: Iterable[str], description: Description
) -> bytes:
    references = "".join(
        f'<ofd:Reference FileRef="/{name}"><ofd:CheckValue>'
        f"{base64.b64encode(sm3(entries[name])).decode()}</ofd:CheckValue></ofd:Reference>"
        for name in names
    )
    stamp = '<ofd:StampAnnot ID="1" PageRef="1" Boundary="20 200 42 42"/>'
    seal = f"<ofd:Seal><ofd:BaseLoc>/{SEAL_FILE}</ofd:BaseLoc></ofd:Seal>"
    return (
        f"<ofd:Signature {_XMLNS}><ofd:SignedInfo>"
        '<ofd:Provider ProviderName="others" Version="1" Company="others"/>'
        "<ofd:SignatureMethod>1.2.156.10197.1.501</ofd:SignatureMethod>"
        "<ofd:SignatureDateTime>20260601040000Z</ofd:SignatureDateTime>"
        f'<ofd:References CheckMethod="{description.check_method}">{references}</ofd:References>'
        f"{stamp if description.stamped else ''}"
        f"{seal if description.seal_file is not None else ''}{description.extra}"
        f"</ofd:SignedInfo><ofd:SignedValue>/{VALUE}</ofd:SignedValue></ofd:Signature>"
    ).encode()


@dataclass(frozen=True)
class SesSigner:
    """Makes SES values; each field may be made wrong."""

    keys: MemoryKeys
    seal: Seal
    use: SealUse
    timestamper: LocalTimestamper | None
    label: str

    def value(self, description: bytes) -> bytes:
        """The value over a description."""
        use = self.use if self.use.data_hash else replace(self.use, data_hash=sm3(description))
        token = self.timestamper.timestamp if self.timestamper is not None else None
        return make_ses_signature(use, partial(self.keys.sign, self.label), token)


def gm_value(
    sign: Callable[[bytes], bytes],
    certificates: tuple[bytes, ...],
    message: bytes | None,
    *,
    content: bytes | None = None,
    attributes: tuple[Attribute, ...] | None = None,
    raw: bool = False,
) -> bytes:
    """A GB/T 35275 SignedData over ``message``, or over ``attributes``; signed by the first."""
    signed = message if attributes is None else attributes_to_sign(attributes)
    assert signed is not None
    signature = sign(signed)
    if raw:
        pair = der.DerReader(signature).enter(der.SEQUENCE, "pair")
        signature = b"".join(pair.integer(name).to_bytes(32, "big") for name in ("r", "s"))
    read = read_certificate(certificates[0])
    signer = SignerInfo(
        version=1,
        issuer=read.issuer_der,
        serial=read.serial,
        digest_algorithm=identifiers.SM3_ALGORITHM,
        signed_attributes=attributes,
        signed_attributes_sorted=True,
        to_be_signed=b"" if attributes is None else signed,
        signature_algorithm=der.sequence(identifiers.SM2_SIGNATURE),
        signature=signature,
        unsigned_attributes=None,
    )
    return encode_signed_data(
        SignedData(
            outer_type=identifiers.GM_SIGNED_DATA,
            version=1,
            digest_algorithms=(identifiers.SM3_ALGORITHM,),
            content_type=identifiers.GM_DATA,
            content=content,
            certificates=certificates,
            signer=signer,
        )
    )


def gm_attributes(content: bytes) -> tuple[Attribute, ...]:
    """The attributes of a signature over content: its kind and its SM3."""
    return (
        Attribute(identifiers.CONTENT_TYPE, (identifiers.GM_DATA,)),
        Attribute(identifiers.MESSAGE_DIGEST, (der.tlv(der.OCTET_STRING, sm3(content)),)),
    )
