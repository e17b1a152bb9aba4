"""SES mutants, field by field (O6): seals and signatures in which one field is not as it must be.

Maker and signer sign what comes out, Seal.esl is the seal inside, every digest is right: so only
the one field can be the reason. What readers of other makers' files tolerate (an OCTET STRING for
a BIT STRING, a UTCTime) is refused in a license, for it can only be a change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from mutants.mutant import ALTERED, SEAL_KEY, Mutant, Reason
from mutants.workbench import SIGNATURE, Workbench
from pki import NOW, VALID_FROM, red_square_png
from ses_forge import SesForge, bits, extension, generalized, ia5, octets, tagged, utc

from keys.sm3 import sm3
from signing import der, identifiers

ECDSA = der.object_identifier("1.2.840.10045.4.3.2")
Field = Callable[[bytes], bytes]


class SesBench:
    """Seals the license with seals and values put together from single fields."""

    def __init__(self, bench: Workbench, version: int = 4) -> None:
        self.bench = bench
        self.forge = SesForge(bench.pki, bench.seal.certificate, bench.seal.key_label, version)

    def seal(self, **fields: bytes) -> bytes:
        """A seal with its small picture, and with fields replaced."""
        return self.forge.seal(**{"picture_data": octets(red_square_png(16)), **fields})

    def sealed(
        self,
        seal: bytes | None = None,
        *,
        signature: Field = bits,
        signed: Callable[[bytes], bytes] | None = None,
        stamp: Field | None = None,
        **fields: bytes,
    ) -> bytes:
        """A sealed OFD.

        Args:
            seal: by default a good one.
            signature: makes the field of the value's signature of its octets.
            signed: signs TBS_Sign; by default the seal's key.
            stamp: makes the field of the time-stamp of those octets.
            fields: of TBS_Sign and of the value.
        """
        made = self.seal() if seal is None else seal
        sign = signed or self.forge.sign

        def value(description: bytes) -> bytes:
            usual = {
                "time": generalized(NOW),
                "data_hash": bits(sm3(description)),
                "property_info": ia5(SIGNATURE),
            }
            to_sign = self.forge.to_sign(seal=made, **{**usual, **fields})
            octets_ = sign(to_sign)
            return der.sequence(
                to_sign,
                fields.get("signer_certificate", octets(self.forge.certificate)),
                fields.get("algorithm", identifiers.SM2_WITH_SM3),
                signature(octets_),
                (stamp or self.stamp)(octets_),
                fields.get("value_more", b""),
            )

        return self.bench.sealed(seal_file=made, value=value)

    def stamp(self, value: bytes) -> bytes:
        """The field of a time-stamp over the octets of a signature."""
        return tagged(bits(self.bench.stamp(sm3(value))))


def ses_field_mutants(bench: Workbench) -> Iterator[Mutant]:
    """Yield the mutants of a license."""
    made = SesBench(bench)
    for name, zh, en, fields, code in _SEAL_FIELDS:
        data = made.sealed(made.seal(**_of(fields, made.forge)))
        yield _mutant(f"seal-{name}", zh, en, data, code)
    for name, zh, en, fields, code in _VALUE_FIELDS:
        yield _mutant(f"value-{name}", zh, en, made.sealed(**_of(fields, made.forge)), code)
    yield from _lengths(bench)


def _mutant(name: str, zh: str, en: str, data: bytes, code: str) -> Mutant:
    kind = "deviation-not-allowed" if code in _TOLERATED else "signature-malformed"
    return Mutant(name, "O6", "ofd", zh, en, data, ALTERED, (Reason(kind, code),), SEAL_KEY)


def _of(fields: Any, forge: SesForge) -> dict[str, Any]:
    found: dict[str, Any] = fields(forge) if callable(fields) else fields
    return found


def _lengths(bench: Workbench) -> Iterator[Mutant]:
    """The whole value, encoded as DER does not allow."""

    def changed(change: Callable[[bytes], bytes]) -> bytes:
        return bench.sealed(value=lambda description: change(bench.ses(description)))

    yield _mutant(
        "value-long-length", "签名值的长度编码不是最短形式",
        "The length of the value is not the shortest",
        changed(lambda v: b"\x30\x83\x00" + v[2:]), "ses-value-length-not-minimal",
    )  # fmt: skip
    yield _mutant(
        "value-indefinite-length", "签名值用不定长编码", "The length of the value is indefinite",
        changed(lambda v: b"\x30\x80" + v[4:] + b"\0\0"), "ses-value-indefinite-length",
    )  # fmt: skip
    yield _mutant(
        "value-cut-short", "签名值缺最后一个字节", "The value lacks its last byte",
        changed(lambda v: v[:-1]), "ses-value-truncated",
    )  # fmt: skip


_TOLERATED = frozenset(
    {
        "ses-octet-for-bit-string",
        "ses-time-utc",
        "ses-algorithm-sm2-signature",
        "ses-default-encoded",
        "ses-digest-type",
        "ses-extensions-tag",
        "signature-raw",
    }
)


def _digest(forge: SesForge, kind: str, size: int = 32) -> dict[str, bytes]:
    """A list of signers by digest."""
    value = sm3(forge.certificate)[:size]
    entry = der.sequence(der.tlv(der.PRINTABLE_STRING, kind.encode()), octets(value))
    return {"list_type": der.integer(2), "certificates": der.sequence(entry)}


def _extensions(*extensions: bytes) -> dict[str, bytes]:
    return {"extensions": der.sequence(*extensions)}


_SEAL_FIELDS: tuple[tuple[str, str, str, Any, str], ...] = (
    ("header-id", "印章头标识不是 ES", "The seal's header does not say ES",
     {"header_id": ia5("EX")}, "ses-header-id-not-es"),
    ("header-version-3", "印章版本为 3", "The seal is of version 3",
     {"header_version": der.integer(3)}, "ses-header-version-unknown"),
    ("header-version-1", "印章自称第 1 版而结构是第 4 版", "A seal of version 1 in the shape of 4",
     lambda f: {"info": replace(f, version=1).information()}, "ses-seal-version-shape"),
    ("header-version-5", "签名为第 4 版而印章为第 5 版",
     "The signature is of version 4, the seal of 5",
     {"header_version": der.integer(5)}, "ses-version-differs"),
    ("header-more", "印章头多出字段", "The seal's header has a field more",
     {"header_more": der.integer(1)}, "ses-header-trailing-bytes"),
    ("number-empty", "印章编码为空", "The seal has no number", {"es_id": ia5("")},
     "ses-es-id-empty"),
    ("number-with-control", "印章编码含控制字符", "The seal's number has a control character",
     {"es_id": ia5("1101\n")}, "ses-es-id-control-characters"),
    ("kind-text", "印章类型不是整数", "The seal's type is no integer", {"kind": ia5("1")},
     "ses-kind-unexpected-tag"),
    ("name-not-utf8", "印章名称不是 UTF-8", "The seal's name is not UTF-8",
     {"name": der.tlv(der.UTF8_STRING, "公章".encode("gbk"))}, "ses-name-not-utf8"),
    ("list-type-3", "签章者名单类型未知", "The list of signers is of an unknown type",
     {"list_type": der.integer(3)}, "ses-certificate-list-type-unknown"),
    ("list-empty", "签章者名单为空", "The list of signers is empty",
     {"certificates": der.sequence()}, "ses-certificate-list-empty"),
    ("list-other-type", "名单自称摘要而列的是证书", "A list of digests holds certificates",
     {"list_type": der.integer(2)}, "ses-certificate-list-not-of-its-type"),
    ("list-entry-twice", "名单中同一证书出现两次", "The list names one certificate twice",
     lambda f: {"certificates": der.sequence(octets(f.certificate), octets(f.certificate))},
     "ses-certificate-list-entry-twice"),
    ("list-no-certificate", "名单中的证书不是证书", "What the list names is no certificate",
     {"certificates": der.sequence(octets(b"\4\0"))}, "ses-listed-certificate-not-a-certificate"),
    ("list-short-digest", "名单中的摘要只有二十字节", "A digest in the list has twenty bytes",
     lambda f: _digest(f, "SM3", 20), "ses-digest-value-length"),
    ("list-digest-type", "名单中的摘要类型是自造的", "The type of a digest is the maker's own word",
     lambda f: _digest(f, "hash"), "ses-digest-type"),
    ("period-reversed", "有效期的终点早于起点", "The period ends before it begins",
     {"valid_until": generalized(VALID_FROM - timedelta(days=1))}, "ses-period-reversed"),
    ("time-local", "有效期不是 UTC 时间", "The period is not in UTC",
     {"valid_until": der.tlv(der.GENERALIZED_TIME, b"20350101000000+0800")},
     "ses-valid-until-not-utc"),
    ("time-utc", "有效期用 UTCTime", "The period is in UTCTime",
     {"valid_from": utc(VALID_FROM)}, "ses-time-utc"),
    ("property-more", "印章属性多出字段", "The seal's property has a field more",
     {"property_more": der.integer(1)}, "ses-property-trailing-bytes"),
    ("picture-kind-empty", "印章图片没有格式", "The picture has no format",
     {"picture_kind": ia5("")}, "ses-picture-kind-empty"),
    ("picture-empty", "印章图片为空", "The picture is empty", {"picture_data": octets(b"")},
     "ses-picture-data-empty"),
    ("picture-no-width", "印章图片宽度为零", "The picture has no width", {"width": der.integer(0)},
     "ses-picture-size-zero"),
    ("picture-too-wide", "印章图片宽度超过半米", "The picture is wider than half a metre",
     {"width": der.integer(501)}, "ses-picture-width-out-of-range"),
    ("picture-more", "印章图片多出字段", "The picture has a field more",
     {"picture_more": der.integer(1)}, "ses-picture-trailing-bytes"),
    ("extension-twice", "同一扩展出现两次", "One extension stands there twice",
     _extensions(extension(), extension()), "ses-extension-twice"),
    ("extension-critical-odd", "扩展的关键标志不是 DER 布尔值",
     "The critical flag is no DER boolean",
     _extensions(extension(critical=der.tlv(der.BOOLEAN, b"\1"))),
     "ses-extension-critical-malformed"),
    ("extension-default", "扩展写出默认值 FALSE", "An extension writes the default FALSE",
     _extensions(extension(critical=der.tlv(der.BOOLEAN, b"\0"))), "ses-default-encoded"),
    ("extensions-tagged", "印章扩展带有标签", "The extensions of the seal are tagged",
     {"extensions": tagged(der.sequence(extension()))}, "ses-extensions-tag"),
    ("info-more", "印章信息多出字段", "The seal's information has a field more",
     {"info_more": der.integer(1)}, "ses-info-trailing-bytes"),
    ("maker-no-certificate", "制章者证书不是证书", "The maker's certificate is none",
     {"maker_certificate": octets(b"\4\0")}, "ses-maker-certificate-not-a-certificate"),
    ("algorithm-ecdsa", "印章的签名算法写为 ECDSA", "The seal's algorithm is ECDSA",
     {"seal_algorithm": ECDSA}, "ses-seal-algorithm-not-accepted"),
    ("timestamp", "第 4 版印章带有第 5 版的时间戳字段", "A seal of version 4 has a time-stamp of 5",
     {"seal_timestamp": tagged(bits(b"\x30\0"))}, "ses-seal-timestamp-in-version-4"),
    ("more", "印章末尾多出字段", "The seal ends in a field more", {"seal_more": der.integer(1)},
     "ses-seal-trailing-bytes"),
    ("signature-unused-bits", "制章者签名的 BIT STRING 有未用位",
     "The maker's BIT STRING has unused bits",
     lambda f: {"seal_signature": bits(f.sign_as_maker(f.information()), 1)},
     "ses-seal-signature-unused-bits"),
)  # fmt: skip

_VALUE_FIELDS: tuple[tuple[str, str, str, Any, str], ...] = (
    ("version-3", "签名版本为 3", "The signature is of version 3", {"version": der.integer(3)},
     "ses-version-unknown"),
    ("version-shape", "第 4 版签名的时间用第 1 版的写法",
     "A version 4 has its time as version 1 does",
     {"time": bits(b"20260601040000Z")}, "ses-version-shape"),
    ("time-local", "签章时间不是 UTC", "The time is not in UTC",
     {"time": der.tlv(der.GENERALIZED_TIME, b"20260601120000+0800")}, "ses-time-not-utc"),
    ("time-impossible", "签章时间不存在", "There is no such time",
     {"time": der.tlv(der.GENERALIZED_TIME, b"20261301040000Z")}, "ses-time-no-such-time"),
    ("hash-unused-bits", "dataHash 的 BIT STRING 有未用位", "dataHash has unused bits",
     {"data_hash": bits(bytes(32), 1)}, "ses-data-hash-unused-bits"),
    ("hash-short", "dataHash 只有二十字节", "dataHash has twenty bytes",
     {"data_hash": bits(bytes(20))}, "ses-data-hash-length"),
    ("path-not-ascii", "propertyInfo 不是 ASCII", "propertyInfo is not ASCII",
     {"property_info": der.tlv(der.IA5_STRING, "/签名.xml".encode())},
     "ses-property-info-not-ia5"),
    ("to-sign-more", "TBS_Sign 多出字段", "TBS_Sign has a field more",
     {"to_sign_more": der.integer(1)}, "ses-to-sign-trailing-bytes"),
    ("no-certificate", "签章者证书不是证书", "The signer's certificate is none",
     {"signer_certificate": octets(b"\4\0")}, "ses-signer-certificate-not-a-certificate"),
    ("algorithm-ecdsa", "签名算法写为 ECDSA", "The algorithm is ECDSA", {"algorithm": ECDSA},
     "ses-signature-algorithm-not-accepted"),
    ("algorithm-sm2", "签名算法写为 SM2 而不是 SM2 与 SM3",
     "The algorithm is SM2, not SM2 with SM3",
     {"algorithm": identifiers.SM2_SIGNATURE}, "ses-algorithm-sm2-signature"),
    ("signature-unused-bits", "签名的 BIT STRING 有未用位", "The signature has unused bits",
     {"signature": lambda value: bits(value, 1)}, "ses-signature-unused-bits"),
    ("signature-octets", "签名用 OCTET STRING", "The signature is an OCTET STRING",
     {"signature": octets}, "ses-octet-for-bit-string"),
    ("timestamp-more", "时间戳字段之内多出字段", "The field of the time-stamp has one more",
     {"stamp": lambda value: tagged(bits(b"\x30\0") + der.integer(1))},
     "ses-timestamp-trailing-bytes"),
    ("timestamp-empty", "时间戳字段为空", "The field of the time-stamp is empty",
     {"stamp": lambda value: tagged(bits(b""))}, "ses-timestamp-empty"),
    ("more", "签名值末尾多出字段（第二张证书）",
     "The value ends in a field more: another certificate",
     lambda f: {"value_more": octets(f.certificate)}, "ses-value-trailing-bytes"),
)  # fmt: skip
