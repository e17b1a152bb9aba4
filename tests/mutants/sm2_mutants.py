"""SM2 mutants (C5, C6, C7): values of r and s that are none, keys that are none, other signer ids.

Wherever a value stands, the same rules hold; so values that only the equation can refuse stand in
places of their own: the signature of the document, of the seal by its maker, of the time-stamp, of
a PDF, of a JSON, of a seal alone. All else about each file is right, and signed over what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from mutants.cms_mutants import CmsMutants
from mutants.form_benches import JsonBench
from mutants.mutant import ALTERED, INDETERMINATE, SEAL_KEY, Mutant, Reason
from mutants.ses_field_mutants import SesBench
from mutants.ses_mutants import SealedBy
from mutants.sm2_arithmetic import ecdsa, hashed, scalar_of, sm2
from mutants.workbench import Workbench
from pki import NOW
from ses_forge import bits, octets

from keys.certificate import read_certificate
from keys.sm2 import CURVE_ORDER as ORDER
from signing import der
from signing.cms.pdf_signature_writer import SigningIdentity
from signing.cms.signed_data import encode_signed_data, read_signed_data
from signing.ses.seal import read_ses_seal
from signing.timestamps.local import LocalTimestamper

Change = Callable[[int, int], bytes]


def pair(r: int, s: int) -> bytes:
    """The DER of a signature value, whatever the numbers."""
    return der.sequence(der.integer(r), der.integer(s))


def numbers(value: bytes) -> tuple[int, int]:
    """The numbers of a signature value."""
    reader = der.DerReader(value).enter(der.SEQUENCE, "signature value")
    return reader.integer("r"), reader.integer("s")


class Altering:
    """Keys that put another value in the place of each signature they make."""

    def __init__(self, sign: Callable[[bytes], bytes], change: Change) -> None:
        self._sign, self._change = sign, change

    def sign(self, label: str, message: bytes) -> bytes:
        del label
        return self._change(*numbers(self._sign(message)))


def sm2_mutants(bench: Workbench, pdf: CmsMutants, json: JsonBench) -> Iterator[Mutant]:
    """Yield the mutants of a license in its three forms, and of its seal."""
    made = SesBench(bench)
    for name, zh, en, change, rule in _MALFORMED:
        code = f"ses-signature-{rule}" if rule == "empty" else f"ses-signature-value-{rule}"
        reason = Reason("signature-malformed", code)
        if rule == "raw":
            reason = Reason("deviation-not-allowed", "signature-raw")
        data = made.sealed(signed=partial(_changed, made.forge.sign, change))
        yield _mutant(name, "C5", "ofd", zh, en, data, reason)
    yield from _by_the_maker(made)
    yield from _unequal(made, pdf)
    yield from _identities(made, json)
    yield from _keys(made, json)


def _mutant(
    name: str, attack: str, form: str, zh: str, en: str, data: bytes, reason: Reason,
    verdict: str = ALTERED,
) -> Mutant:  # fmt: skip
    return Mutant(name, attack, form, zh, en, data, verdict, (reason,), SEAL_KEY)


def _changed(sign: Callable[[bytes], bytes], change: Change, message: bytes) -> bytes:
    return change(*numbers(sign(message)))


def _wide(value: bytes) -> bytes:
    """An INTEGER with a zero byte more than it needs."""
    return bytes((value[0], value[1] + 1, 0)) + value[2:]


def _long(r: int, s: int) -> bytes:
    whole = pair(r, s)
    return b"\x30\x81" + whole[1:]


_MALFORMED: tuple[tuple[str, str, str, Change, str], ...] = (
    ("r-zero", "r = 0", "r = 0", lambda r, s: pair(0, s), "r-zero"),
    ("s-zero", "s = 0", "s = 0", lambda r, s: pair(r, 0), "s-zero"),
    ("r-is-n", "r = n", "r = n", lambda r, s: pair(ORDER, s), "r-is-the-order"),
    ("s-is-n", "s = n", "s = n", lambda r, s: pair(r, ORDER), "s-is-the-order"),
    ("r-plus-n", "r + n", "r + n", lambda r, s: pair(r + ORDER, s), "r-too-large"),
    ("s-plus-n", "s + n", "s + n", lambda r, s: pair(r, s + ORDER), "s-too-large"),
    ("r-minus-n", "r − n", "r − n", lambda r, s: pair(r - ORDER, s), "r-negative"),
    ("s-minus-n", "s − n", "s − n", lambda r, s: pair(r, s - ORDER), "s-negative"),
    ("sum-is-n", "r + s = n，即 t = 0", "r + s = n, so that t = 0",
     lambda r, s: pair(r, ORDER - r), "sum-is-the-order"),
    ("trailing-byte", "值之后有一个字节", "A byte follows the value", lambda r, s: pair(r,
     s) + b"\0",
     "trailing-bytes"),
    ("third-integer", "有第三个整数", "There is a third integer",
     lambda r, s: der.sequence(der.integer(r), der.integer(s), der.integer(1)), "third-number"),
    ("long-length", "长度用长形式", "The length is in the long form", _long, "length-not-minimal"),
    ("indefinite-length", "长度不定", "The length is indefinite",
     lambda r, s: b"\x30\x80" + pair(r, s)[2:] + b"\0\0", "indefinite-length"),
    ("padded-integer", "整数前多一个零字节", "An integer has a zero byte too many",
     lambda r, s: der.sequence(_wide(der.integer(r)), der.integer(s)), "integer-not-minimal"),
    ("only-r", "只有 r", "There is only r", lambda r, s: der.sequence(der.integer(r)), "truncated"),
    ("wrong-tag", "用 SET 代替 SEQUENCE", "A SET instead of a SEQUENCE",
     lambda r, s: der.tlv(der.SET, der.integer(r), der.integer(s)), "unexpected-tag"),
    ("raw", "r 与 s 直接相连的 64 字节", "r and s joined, 64 bytes",
     lambda r, s: r.to_bytes(32, "big") + s.to_bytes(32, "big"), "raw"),
    ("empty", "签名值为空", "The value is empty", lambda r, s: b"", "empty"),
)  # fmt: skip


# --- where the maker of the seal signed -----------------------------------------------------------


def _by_the_maker(made: SesBench) -> Iterator[Mutant]:
    sign = made.forge.sign_as_maker
    information = made.forge.information(picture_data=octets(_picture(made)))

    def seal(change: Change) -> bytes:
        value = _changed(sign, change, information)
        return made.seal(info=information, seal_signature=bits(value))

    code = "ses-seal-signature-value-"
    yield _mutant(
        "maker-zeros", "C5", "ofd", "制章者的签名值是 64 个零字节",
        "The maker's value is 64 bytes of zero",
        made.sealed(seal(lambda r, s: bytes(64))), Reason("signature-malformed", f"{code}r-zero"),
    )  # fmt: skip
    yield _mutant(
        "maker-minus-r", "C5", "ofd", "制章者的签名值为 −r", "The maker's value has −r",
        made.sealed(seal(lambda r, s: pair(-r, s))),
        Reason("signature-malformed", f"{code}r-negative"),
    )  # fmt: skip
    yield _mutant(
        "maker-n-minus-s", "C5", "ofd", "制章者的签名值为 n − s", "The maker's value has n − s",
        made.sealed(seal(lambda r, s: pair(r, ORDER - s))), Reason("maker-signature-invalid"),
    )  # fmt: skip
    scalar = scalar_of(made.bench.pki.keys._signing["seal-maker"])
    no_id = pair(*sm2(hashed(scalar, information, b""), scalar))
    alone = made.seal(info=information, seal_signature=bits(no_id))
    yield _mutant(
        "maker-empty-id", "C7", "esl", "制章者用空的签名者标识签名",
        "The maker signed with an empty id",
        alone, Reason("maker-signature-invalid"),
    )  # fmt: skip


def _picture(made: SesBench) -> bytes:
    return read_ses_seal(made.seal()).picture.data


# --- values that only the equation refuses --------------------------------------------------------


def _unequal(made: SesBench, pdf: CmsMutants) -> Iterator[Mutant]:
    swapped = made.sealed(signed=partial(_changed, made.forge.sign, lambda r, s: pair(s, r)))
    yield _mutant(
        "swapped", "C5", "ofd", "r 与 s 互换", "r and s are exchanged", swapped,
        Reason("seal-signature-invalid"),
    )  # fmt: skip
    small = _stamped(made, lambda r, s: pair(5, 7))
    yield _mutant(
        "stamp-small-numbers", "C5", "ofd", "时间戳的签名值为 r = 5、s = 7",
        "The value of the time-stamp is r = 5, s = 7", small, Reason("timestamp-signature-invalid"),
    )  # fmt: skip
    message = pdf.parts.signer.to_be_signed
    scalar = scalar_of(pdf.pki.keys._signing[pdf.world.seal.key_label])
    value = pair(*ecdsa(hashed(scalar, message, b"1234567812345678"), scalar))
    yield _mutant(
        "pdf-ecdsa", "C5", "pdf", "同一密钥的 ECDSA 签名", "An ECDSA signature by the same key",
        pdf.embed(pdf.with_signature(value)), Reason("seal-signature-invalid"),
    )  # fmt: skip


def _stamped(made: SesBench, change: Change) -> bytes:
    """A document whose time-stamp has another value."""
    pki = made.bench.pki
    keys = Altering(partial(pki.keys.sign, "tsa"), change)
    identity = SigningIdentity(pki.tsa)
    stamper = LocalTimestamper(keys, "tsa", identity, lambda: NOW, lambda size: bytes(size))  # type: ignore[arg-type]
    return SealedBy(made.bench).file(stamp=stamper.timestamp)


def _identities(made: SesBench, json: JsonBench) -> Iterator[Mutant]:
    """Signatures over the message alone, or with another signer's id (C7)."""
    scalar = scalar_of(made.bench.pki.keys._signing[made.forge.label])
    value = json.made(sign=lambda m: pair(*sm2(hashed(scalar, m, None), scalar)))
    yield _mutant(
        "json-without-z", "C7", "json", "签名没有用 Z 值", "The signature does without Z",
        json.sealed(value), Reason("seal-signature-invalid"),
    )  # fmt: skip


# --- keys that are none ---------------------------------------------------------------------------


def _keys(made: SesBench, json: JsonBench) -> Iterator[Mutant]:
    """Certificates whose public key is no point of the curve, signed by the genuine CA (C6)."""
    world = made.bench.world
    own = world.seal.certificate
    point = read_certificate(own).public_point
    off = world.resigned(own, point[:-1] + bytes((point[-1] ^ 1,)))
    by = SealedBy(made.bench)
    listed = made.seal(certificates=der.sequence(octets(off)))
    yield _mutant(
        "signer-off-the-curve", "C6", "ofd", "签章者的公钥不在曲线上",
        "The signer's key is off the curve",
        by.file(listed, (off, world.seal.key_label)), Reason("certificate-unreadable", "signer"),
        INDETERMINATE,
    )  # fmt: skip
    zero = world.resigned(by.pki.maker, b"\4" + bytes(64))
    yield _mutant(
        "maker-zero-point", "C6", "ofd", "制章者的公钥是 (0, 0)", "The maker's key is (0, 0)",
        by.file(made.seal(maker_certificate=octets(zero))), Reason("maker-certificate-unreadable"),
        INDETERMINATE,
    )  # fmt: skip
    infinite = world.resigned(by.pki.maker, b"\0")
    yield _mutant(
        "maker-at-infinity", "C6", "esl", "制章者的公钥是无穷远点",
        "The maker's key is the point at infinity",
        made.seal(maker_certificate=octets(infinite)), Reason("maker-certificate-unreadable"),
        INDETERMINATE,
    )  # fmt: skip
    compressed = world.resigned(by.pki.tsa, b"\2" + read_certificate(by.pki.tsa).public_point[1:33])
    stamper = _unreadable_stamper(made, compressed)
    yield _mutant(
        "stamp-compressed-key", "C6", "ofd", "时间戳机构的公钥是压缩形式",
        "The time-stamping authority's key is compressed", by.file(stamp=stamper),
        Reason("timestamp-malformed", "timestamp-certificate-unreadable"),
    )  # fmt: skip
    hybrid = world.resigned(own, b"\6" + point[1:])
    yield _mutant(
        "json-hybrid-key", "C6", "json", "签章者的公钥是混合形式",
        "The signer's key is in hybrid form",
        json.sealed(json.with_certificate(hybrid)),
        Reason("certificate-unreadable", "cms-certificate-unreadable"), INDETERMINATE,
    )  # fmt: skip


def _unreadable_stamper(made: SesBench, certificate: bytes) -> Callable[[bytes], bytes]:
    """Stamps with the genuine key, and then puts a certificate nobody can read in its place."""
    pki = made.bench.pki

    def stamp(imprint: bytes) -> bytes:
        token = made.bench.stamp(imprint)
        return token_with_certificate(token, pki.tsa, certificate)

    return stamp


def token_with_certificate(token: bytes, old: bytes, new: bytes) -> bytes:
    """A token with another certificate enclosed; its attributes still name the old one."""
    parts = read_signed_data(token)
    certificates = tuple(new if entry == old else entry for entry in parts.certificates)
    return encode_signed_data(replace(parts, certificates=certificates))
