"""CMS mutants in OFD (C1 to C4): GB/T 35275 values of type Sign, as others write them.

The document has no claims of a license, for in a license such a value is refused as it is; two
mutants show that. Without claims nothing is ever valid, but what is wrong with the signature must
be found all the same. Signed anew with the seal's own key where it is not said otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from mutants.mutant import (
    ALTERED,
    ATTACKER,
    INDETERMINATE,
    NO_KEY,
    SEAL_KEY,
    UNTRUSTED,
    Mutant,
    Reason,
)
from mutants.ofd_signing import gm_attributes, gm_value
from mutants.workbench import DOCUMENT, Workbench, cut

from keys.sm3 import sm3
from signing import der, identifiers
from signing.cms.signed_data import (
    Attribute,
    SignedData,
    SignerInfo,
    encode_signed_data,
    read_signed_data,
)

_SHA256 = der.sequence(identifiers.SHA256)
_ECDSA = der.sequence(der.object_identifier("1.2.840.10045.4.3.2"))
_NO_TAGS = cut("<ofd:CustomTags>", "</ofd:CustomTags>")
_NO_FILES = cut("<ofd:Attachments>", "</ofd:Attachments>")
Value = Callable[[bytes], bytes]


class GmBench:
    """Signs the document without claims as others do."""

    def __init__(self, bench: Workbench) -> None:
        self.bench, self.world, self.pki = bench, bench.world, bench.pki
        text = bench.unsealed[DOCUMENT].decode()
        kept = {n: d for n, d in bench.unsealed.items() if "/Tags/" not in n and "/Att" not in n}
        self.files = {**kept, DOCUMENT: _NO_FILES(_NO_TAGS(text)).encode()}
        self.chain = (self.world.seal.certificate, self.pki.seal_ca)

    def signed(self, value: Value, **more: Any) -> bytes:
        """The document with one signature of type Sign."""
        return self.bench.sealed(
            self.files, kind="Sign", value=value, describe=_plain, **more
        )  # fmt: skip

    def value(
        self, description: bytes, change: Callable[[SignedData], SignedData] | None = None
    ) -> bytes:
        """The right value with attributes, or a changed one."""
        made = gm_value(
            self.bench.sign, self.chain, None, attributes=gm_attributes(description)
        )  # fmt: skip
        return made if change is None else encode_signed_data(change(read_signed_data(made)))

    def attributed(self, *attributes: Attribute) -> bytes:
        """A value over these attributes."""
        return gm_value(self.bench.sign, self.chain, None, attributes=attributes)


def _plain(text: str) -> str:
    """A description without seal and stamp."""
    return cut("<ofd:StampAnnot", "/>")(cut("<ofd:Seal>", "</ofd:Seal>")(text))


def gm_mutants(bench: Workbench) -> Iterator[Mutant]:
    """Yield the mutants of the document and of the license."""
    made = GmBench(bench)
    for name, attack, zh, en, value, reason, key in (*_attributes(made), *_parts(made)):
        data = made.signed(value)
        yield Mutant(f"ofd-{name}", attack, "ofd", zh, en, data, ALTERED, (reason,), key)
    foreign = made.world.foreign_seal
    sign = partial(made.world.attacker.keys.sign, foreign.key_label)
    chain = (foreign.certificate, made.world.attacker.seal_ca)
    untrusted = made.signed(lambda d: gm_value(sign, chain, None, attributes=gm_attributes(d)))
    yield Mutant(
        "ofd-other-root", "C3", "ofd", "签名证书出自同名的另一个根",
        "The certificate is of another root of the same name", untrusted, UNTRUSTED,
        (Reason("no-trusted-chain"),), ATTACKER,
    )  # fmt: skip
    raw = made.signed(lambda d: gm_value(bench.sign, made.chain, d, raw=True)[-64:])
    yield Mutant(
        "ofd-bare-numbers", "C3", "ofd", "签名值只有 r 与 s，没有签名者",
        "The value is r and s alone: nobody is named", raw, INDETERMINATE,
        (Reason("signer-unnamed"),), SEAL_KEY,
    )  # fmt: skip
    yield from _licenses(made)


def _licenses(made: GmBench) -> Iterator[Mutant]:
    """A license sealed with what is no seal."""
    yield Mutant(
        "ofd-license-without-seal", "C4", "ofd", "证照只有 GB/T 35275 签名，没有电子印章",
        "A license bears a GB/T 35275 signature, no electronic seal",
        made.bench.sealed(kind="Sign", value=made.value, describe=_plain), ALTERED,
        (Reason("seal-form-not-ours", "gm-cms"),), SEAL_KEY,
    )  # fmt: skip
    yield Mutant(
        "ofd-signature-called-seal", "C4", "ofd", "把 GB/T 35275 签名写成电子印章",
        "A GB/T 35275 signature is called a seal", made.bench.sealed(value=made.value), ALTERED,
        (Reason("seal-form-not-ours", "gm-cms"),
         Reason("deviation-not-allowed", "value-of-another-type")), SEAL_KEY,
    )  # fmt: skip


Rows = Iterator[tuple[str, str, str, str, Value, Reason, str]]


def _bad(code: str) -> Reason:
    return Reason("signature-malformed", code)


def _attributes(made: GmBench) -> Rows:
    kind = Attribute(identifiers.CONTENT_TYPE, (identifiers.GM_DATA,))

    def digest(*values: bytes) -> Attribute:
        octets = tuple(der.tlv(der.OCTET_STRING, value) for value in values)
        return Attribute(identifiers.MESSAGE_DIGEST, octets)

    yield (
        "of-another-document", "C1", "签名属性中的摘要是另一份文件的",
        "The message-digest is of another document",
        lambda d: made.value(b"another"), Reason("description-altered"), NO_KEY,
    )  # fmt: skip
    yield (
        "no-message-digest", "C1", "没有 messageDigest 属性", "There is no message-digest",
        lambda d: made.attributed(kind), _bad("cms-message-digest-missing"), SEAL_KEY,
    )  # fmt: skip
    yield (
        "message-digest-twice", "C1", "messageDigest 属性出现两次", "There are two message-digests",
        lambda d: made.attributed(kind, digest(sm3(d)), digest(sm3(b"another"))),
        _bad("cms-signed-attribute-twice"), SEAL_KEY,
    )  # fmt: skip
    yield (
        "message-digest-two-values", "C1", "messageDigest 有两个值",
        "A message-digest has two values",
        lambda d: made.attributed(kind, digest(*sorted((sm3(d), sm3(b"another"))))),
        _bad("cms-message-digest-values"), SEAL_KEY,
    )  # fmt: skip
    yield (
        "message-digest-short", "C1", "messageDigest 只有二十字节",
        "A message-digest of twenty bytes",
        lambda d: made.attributed(kind, digest(sm3(d)[:20])),
        _bad("cms-message-digest-malformed"), SEAL_KEY,
    )  # fmt: skip
    yield (
        "attributes-as-content", "C2", "取出真签名的属性，当作内容封入，签名仍然成立",
        "The attributes of a genuine signature were enclosed as its content: it still holds",
        lambda d: made.value(d, _attributes_as_content), _bad("cms-content-is-attributes"), NO_KEY,
    )  # fmt: skip
    named = Attribute(
        identifiers.SIGNING_CERTIFICATE_V2,
        (_certificate_named(made.world.second.certificate),),
    )
    yield (
        "other-certificate-named", "C3", "签名属性写明的是另一张证书",
        "The signed attributes name another certificate",
        lambda d: made.attributed(kind, digest(sm3(d)), named),
        _bad("cms-signing-certificate-mismatch"), SEAL_KEY,
    )  # fmt: skip


def _attributes_as_content(parts: SignedData) -> SignedData:
    signer = replace(parts.signer, signed_attributes=None, to_be_signed=b"")
    return replace(parts, content=parts.signer.to_be_signed, signer=signer)


def _certificate_named(certificate: bytes) -> bytes:
    entry = der.sequence(identifiers.SM3_ALGORITHM, der.tlv(der.OCTET_STRING, sm3(certificate)))
    return der.sequence(der.sequence(entry))


def _parts(made: GmBench) -> Rows:
    def changed(change: Callable[[SignedData], SignedData]) -> Value:
        return lambda d: made.value(d, change)

    def signer(**fields: Any) -> Callable[[SignedData], SignedData]:
        def change(parts: SignedData) -> SignedData:
            new: SignerInfo = replace(parts.signer, **fields)
            return replace(parts, signer=new)

        return change

    twins = (made.world.seal.certificate, made.world.twin(), made.pki.seal_ca)
    stamp = Attribute(
        identifiers.SIGNATURE_TIMESTAMP,
        (made.bench.stamp(sm3(b"one")), made.bench.stamp(sm3(b"another"))),
    )
    null = der.sequence(identifiers.SM2_SIGNATURE, der.integer(1))
    rows: tuple[tuple[str, str, str, str, Callable[[SignedData], SignedData], str], ...] = (
        ("content-differs", "C2", "内含的内容与摘要不符",
         "What is enclosed is not what is digested",
         lambda parts: replace(parts, content=b"another"), "cms-message-digest-differs"),
        ("digest-sha256", "C4", "签名者的摘要算法写为 SHA-256", "The signer's digest is SHA-256",
         signer(digest_algorithm=_SHA256), "cms-digest-not-accepted"),
        ("digests-differ", "C4", "列出的摘要算法与签名者的不同",
         "The digest algorithms listed are not the signer's",
         lambda parts: replace(parts, digest_algorithms=(_SHA256,)),
         "cms-digest-algorithms-differ"),
        ("signature-ecdsa", "C4", "签名算法写为 ECDSA", "The signature algorithm is ECDSA",
         signer(signature_algorithm=_ECDSA), "cms-signature-algorithm-not-accepted"),
        ("signature-parameters", "C4", "签名算法带有参数", "The signature algorithm has parameters",
         signer(signature_algorithm=null), "cms-signature-algorithm-parameters"),
        ("certificate-missing", "C3", "没有签名者证书", "The signer's certificate is not enclosed",
         lambda parts: replace(parts, certificates=(made.pki.seal_ca,)),
         "cms-signer-certificate-missing"),
        ("certificate-ambiguous", "C3", "两张证书有同一颁发者和序列号",
         "Two certificates have one issuer and number",
         lambda parts: replace(parts, certificates=twins), "cms-signer-certificate-ambiguous"),
        ("stamp-two-values", "C1", "时间戳属性有两个值", "A time-stamp attribute has two values",
         signer(unsigned_attributes=(stamp,)), "cms-timestamp-twice"),
    )  # fmt: skip
    for name, attack, zh, en, change, code in rows:
        yield name, attack, zh, en, changed(change), _bad(code), NO_KEY
    other = partial(made.pki.keys.sign, made.world.second.key_label)
    yield (
        "signed-by-another-key", "C3", "由别的密钥签名", "Another key signed",
        lambda d: gm_value(other, made.chain, None, attributes=gm_attributes(d)),
        Reason("seal-signature-invalid"), ATTACKER,
    )  # fmt: skip
