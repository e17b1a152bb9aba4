"""SES mutants, well-formed and signed (O6): the wrong seal, maker, signer, time or document.

Every structure is as it must be, and somebody's key has signed it: the attacker's under a
hierarchy of the same names, or a genuine key that may not do this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
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
from mutants.ses_field_mutants import SesBench
from mutants.small_license import license_content, plain_files
from mutants.vector_world import OTHER_OWNER, PLACES, Signer, packed
from mutants.workbench import CLAIMS, PAGE, SIGNATURE, VALUE, Workbench, entries_of
from pki import NOW, OWNER_NAME, SEAL_CODE, Pki
from ses_forge import bits, extension, octets, tagged

from keys.sm3 import sm3
from signing import der
from signing.ses.extension import SesExtension
from signing.ses.seal import read_ses_seal
from signing.ses.signature import SealUse, make_ses_signature

Rows = Iterator[tuple[str, str, str, bytes, str, tuple[Reason, ...], str]]


class SealedBy:
    """Seals the license with a seal, a certificate, a key and a time-stamper of one's choice."""

    def __init__(self, bench: Workbench) -> None:
        self.bench, self.world, self.pki = bench, bench.world, bench.world.pki
        self.own: Signer = (self.world.seal.certificate, self.world.seal.key_label)

    def value(
        self,
        seal: bytes | None = None,
        signer: Signer | None = None,
        *,
        pki: Pki | None = None,
        stamp: Callable[[bytes], bytes] | str | None = "genuine",
        at: datetime = NOW,
        path: str = SIGNATURE,
    ) -> Callable[[bytes], bytes]:
        """What makes the value of a description; ``stamp`` None leaves the time-stamp out."""
        certificate, label = signer or self.own
        sign = partial((pki or self.pki).keys.sign, label)
        stamper = self.bench.stamp if isinstance(stamp, str) else stamp
        made = self.world.seal.ses if seal is None else seal

        def value(description: bytes) -> bytes:
            use = SealUse(made, certificate, sm3(description), path, at)
            return make_ses_signature(use, sign, stamper)

        return value

    def file(self, seal: bytes | None = None, signer: Signer | None = None, **more: Any) -> bytes:
        """A sealed OFD whose Seal.esl is the seal inside."""
        return self.bench.sealed(seal_file=seal, value=self.value(seal, signer, **more))


def ses_mutants(bench: Workbench) -> Iterator[Mutant]:
    """Yield the mutants of a license."""
    by = SealedBy(bench)
    for rows in (_documents(by), _seals(by), _makers(by), _signers(by)):
        for name, zh, en, data, verdict, reasons, made in rows:
            yield Mutant(name, "O6", "ofd", zh, en, data, verdict, reasons, made)


# --- the value of another document ----------------------------------------------------------------


def _documents(by: SealedBy) -> Rows:
    bench, world = by.bench, by.world
    other = entries_of(
        world.sealer().seal_ofd(
            packed(plain_files(license_content(number="20260009999"))), world.seal, PLACES[:1]
        )
    )
    signs = {name: data for name, data in other.items() if "/Sign_0/" in name}
    yield (
        "value-of-another-license", "签名值换成同一印章在另一份证照上的签名值",
        "The value was taken from another license sealed by the same seal",
        bench.changed({VALUE: other[VALUE]}), ALTERED, (Reason("description-altered"),), NO_KEY,
    )  # fmt: skip
    yield (
        "signature-of-another-license", "整个签名换成另一份证照的",
        "The whole signature is another license's",
        bench.changed(signs), ALTERED,
        (Reason("reference-altered", CLAIMS), Reason("reference-altered", PAGE)), NO_KEY,
    )  # fmt: skip
    foreign = world.foreign_seal
    attacker = (foreign.certificate, foreign.key_label)
    page = bench.genuine[PAGE].replace("2034年".encode(), "2044年".encode())
    stale = bench.genuine[SIGNATURE]
    value = by.value(signer=attacker, pki=world.attacker)(stale)
    yield (
        "page-changed-and-signed", "改动页面后由攻击者用自己的证书签名，印章是真的",
        "The page was changed; an attacker signed with his own certificate and the genuine seal",
        bench.changed({PAGE: page, VALUE: value}), ALTERED,
        (Reason("reference-altered", PAGE), Reason("signer-not-listed", OWNER_NAME)), ATTACKER,
    )  # fmt: skip
    wrong = by.value(signer=attacker, pki=world.attacker)(b"another file")
    yield (
        "hash-of-another-file", "dataHash 是另一个文件的摘要，由攻击者的证书签名",
        "dataHash is that of another file, signed under an attacker's certificate",
        bench.changed({VALUE: wrong}), ALTERED,
        (Reason("description-altered"), Reason("no-trusted-chain")), ATTACKER,
    )  # fmt: skip
    for name, zh, en, path in _PATHS:
        yield (
            f"path-{name}", zh, en, by.file(path=path), ALTERED,
            (Reason("property-path-differs", path),), SEAL_KEY,
        )  # fmt: skip


_PATHS = (
    ("of-another", "propertyInfo 指向另一个签名", "propertyInfo names another signature",
     "/Doc_0/Signs/Sign_1/Signature.xml"),
    ("of-the-page", "propertyInfo 指向页面", "propertyInfo names the page", PAGE),
    ("relative", "propertyInfo 是相对路径", "propertyInfo is relative", "Signature.xml"),
    ("by-case", "propertyInfo 大小写不同", "propertyInfo differs in case", SIGNATURE.lower()),
)  # fmt: skip


# --- the seal -------------------------------------------------------------------------------------


def _seals(by: SealedBy) -> Rows:
    bench, world = by.bench, by.world
    own = world.seal.certificate
    forge = SesBench(bench)
    yield (
        "seal-file-other", "Seal.esl 与签名值内的印章不同",
        "Seal.esl is not the seal inside the value",
        bench.sealed(seal_file=world.second.ses), ALTERED, (Reason("seal-file-differs"),), SEAL_KEY,
    )  # fmt: skip
    genuine = read_ses_seal(world.seal.ses)
    picture = forge.seal(
        picture_data=octets(b"\x89PNG\r\n\x1a\nforged"), seal_signature=bits(genuine.signature)
    )
    yield (
        "picture-replaced", "替换印章图片，制章者的签名照旧",
        "The picture of the seal was replaced, the maker's signature kept", by.file(picture),
        ALTERED,
        (Reason("maker-signature-invalid"),), ATTACKER,
    )  # fmt: skip
    attacker = (world.foreign_seal.certificate, world.foreign_seal.key_label)
    listed = forge.seal(
        certificates=_list(own, attacker[0]), seal_signature=bits(genuine.signature)
    )
    yield (
        "list-extended", "攻击者把自己的证书加进真印章的名单并签章",
        "An attacker put his certificate into the genuine seal's list and signed with it",
        by.file(listed, attacker, pki=world.attacker), ALTERED,
        (Reason("maker-signature-invalid"), Reason("no-trusted-chain")), ATTACKER,
    )  # fmt: skip
    yield (
        "seal-of-another", "用另一枚真印章，它没有列出这张证书",
        "Another genuine seal was used, which does not list this certificate",
        by.file(world.second.ses), UNTRUSTED,
        (Reason("signer-not-listed", OWNER_NAME), Reason("seal-number-differs",
         f"{SEAL_CODE[:-1]}2")),
        SEAL_KEY,
    )  # fmt: skip
    digests = forge.seal(**_digests(world.second.certificate))
    yield (
        "listed-by-digest-of-another", "名单按摘要列出另一张证书",
        "The list names another certificate by its digest", by.file(digests), UNTRUSTED,
        (Reason("signer-not-listed", OWNER_NAME),), SEAL_KEY,
    )  # fmt: skip
    number = world.ses(own, es_id="99999999999999")
    yield (
        "number-of-another", "印章编码与证书不符",
        "The seal's number is not that of the certificate",
        by.file(number), UNTRUSTED, (Reason("seal-number-differs", "99999999999999"),), SEAL_KEY,
    )  # fmt: skip
    yield from _extended(by)


def _list(*certificates: bytes) -> bytes:
    return der.sequence(*map(octets, certificates))


def _digests(certificate: bytes) -> dict[str, bytes]:
    entry = der.sequence(der.tlv(der.PRINTABLE_STRING, b"SM3"), octets(sm3(certificate)))
    return {"list_type": der.integer(2), "certificates": der.sequence(entry)}


def _extended(by: SealedBy) -> Rows:
    critical = SesExtension("1.2.156.10197.9.9", True, b"only on Tuesdays")
    seal = by.world.ses(by.world.seal.certificate, extensions=(critical,))
    yield (
        "extension-critical", "印章带有无法理解的关键扩展",
        "The seal has a critical extension nobody knows",
        by.file(seal), INDETERMINATE, (Reason("seal-extension-unknown", critical.oid),), SEAL_KEY,
    )  # fmt: skip
    forge = SesBench(by.bench)
    field = tagged(der.sequence(extension("1.2.156.10197.9.8", der.tlv(der.BOOLEAN, b"\xff"))))
    yield (
        "value-extension-critical", "签名带有无法理解的关键扩展",
        "The signature has a critical extension nobody knows",
        forge.sealed(by.world.seal.ses, extensions_signed=field), INDETERMINATE,
        (Reason("seal-extension-unknown", "1.2.156.10197.9.8"),), SEAL_KEY,
    )  # fmt: skip


# --- who made it ----------------------------------------------------------------------------------


def _makers(by: SealedBy) -> Rows:
    world, own = by.world, by.own
    self_made = world.ses(own[0], own)
    yield (
        "maker-is-signer", "签章者自己制章", "The signer made the seal himself", by.file(self_made),
        UNTRUSTED, (Reason("maker-is-signer"), Reason("maker-not-named", SEAL_CODE)), SEAL_KEY,
    )  # fmt: skip
    other = (world.second.certificate, world.second.key_label)
    yield (
        "maker-is-no-maker", "由同一 CA 的普通签章证书制章",
        "A seal's certificate of the same CA made the seal", by.file(world.ses(own[0], other)),
        UNTRUSTED, (Reason("maker-not-named", f"{SEAL_CODE[:-1]}2"),), ATTACKER,
    )  # fmt: skip
    foreign = world.ses(own[0], pki=world.attacker)
    yield (
        "maker-of-another-root", "制章者出自同名的另一个根，签章者是真的",
        "The maker is of another root of the same name, the signer genuine", by.file(foreign),
        UNTRUSTED, (Reason("maker-no-trusted-chain", "Test seal maker"),), ATTACKER,
    )  # fmt: skip
    for name, zh, en, reason in _ODD_MAKERS:
        seal = world.ses(own[0], world.makers[name])
        yield f"maker-{name}", zh, en, by.file(seal), UNTRUSTED, (reason,), ATTACKER


_ODD_MAKERS = (
    ("revoked", "制章者证书已撤销", "The maker's certificate was revoked",
     Reason("maker-revoked", "2026-05-02 12:00:00+08:00")),
    ("unfit", "制章者证书不能用于签名", "The maker's certificate is not for signing",
     Reason("maker-unfit", "key-usage")),
    ("late", "制章时制章者证书尚未生效",
     "The maker's certificate was not valid yet when it made it",
     Reason("maker-outside-period")),
)  # fmt: skip


# --- who signed -----------------------------------------------------------------------------------


def _signers(by: SealedBy) -> Rows:
    world = by.world
    foreign = world.foreign_seal
    attacker = (foreign.certificate, foreign.key_label)
    stamp = world.timestamper(world.attacker).timestamp
    yield (
        "everything-forged", "制章、签章、时间戳全部出自同名的另一个根",
        "Maker, signer and time-stamp are all of another root of the same names",
        by.file(foreign.ses, attacker, pki=world.attacker, stamp=stamp), UNTRUSTED,
        (Reason("no-trusted-chain"), Reason("timestamp-authority-not-trusted")), ATTACKER,
    )  # fmt: skip
    genuine_maker = world.ses(foreign.certificate)
    yield (
        "signer-of-another-root", "真制章者为出自另一个根的证书制章",
        "The genuine maker made a seal for a certificate of another root",
        by.file(genuine_maker, attacker, pki=world.attacker), UNTRUSTED,
        (Reason("no-trusted-chain"),), ATTACKER,
    )  # fmt: skip
    twin = world.same_key_other_name()
    yield (
        "same-key-other-certificate", "签章者证书换成同一密钥、另一单位的证书",
        "The signer's certificate is another's of the same key",
        by.file(signer=(twin, world.seal.key_label)), ALTERED,
        (Reason("signer-exchanged", OWNER_NAME),), NO_KEY,
    )  # fmt: skip
    for name, zh, en, verdict, reason in _ODD_SIGNERS:
        signer = world.signers[name]
        data = by.file(world.ses(signer[0]), signer)
        yield f"signer-{name}", zh, en, data, verdict, (reason,), ATTACKER


_ODD_SIGNERS = (
    ("revoked", "签章前证书已撤销", "The certificate was revoked before it sealed", UNTRUSTED,
     Reason("certificate-revoked", "2026-05-02 12:00:00+08:00")),
    ("stolen", "证书后来因密钥泄露撤销", "The certificate was revoked later, for a stolen key",
     UNTRUSTED,
     Reason("certificate-revoked-key-compromise")),
    ("expired", "签章时证书已到期", "The certificate had expired when it sealed", UNTRUSTED,
     Reason("certificate-expired-at-sealing")),
    ("early", "签章时证书尚未生效", "The certificate was not valid yet when it sealed", UNTRUSTED,
     Reason("certificate-not-yet-valid")),
    ("unfit", "签章证书不能用于签名", "The certificate is not for signing", UNTRUSTED,
     Reason("key-usage-wrong")),
    ("other-owner", "另一单位的真印章", "A genuine seal of another office", UNTRUSTED,
     Reason("seal-owner-not-entitled", OTHER_OWNER)),
    ("nobody", "签章证书没有单位代码", "The certificate names no code of its owner", UNTRUSTED,
     Reason("seal-owner-unreadable")),
)  # fmt: skip
