"""CMS mutants of the published set (C1, C3, C4): attributes, certificates, algorithms, time-stamps.

The changes are those of ``cms_mutants``; here each has its sentences and the one reason it must be
given. A sealed PDF takes thirteen kilobytes and a sealed JSON four, and both hold the same CMS; so
some of each class stand in a PDF, all others in a JSON.
"""

from __future__ import annotations

from collections.abc import Iterator

from mutants.cms_mutants import CmsMutants
from mutants.form_benches import JsonBench
from mutants.mutant import (
    ALTERED,
    ATTACKER,
    NO_KEY,
    SEAL_KEY,
    UNSEALED,
    Mutant,
    Reason,
)

_MALFORMED, _ALGORITHM = "signature-malformed", "algorithm-not-accepted"
# What nobody needs a key for: parts that are not signed, taken from elsewhere or cut off.
_BY_ANYBODY = frozenset(
    {
        "no-signed-attributes", "same-key-other-name", "same-name-other-key", "extra-certificate",
        "own-certificate-missing", "certificates-missing", "digest-sha256", "digests-two",
        "digests-none", "digest-null", "signer-digest-sha256", "signer-digest-null",
        "signature-ecdsa", "signature-null", "version-3", "signer-version-3", "content-enclosed",
        "content-type-token", "outer-type-gm", "stamp-of-another", "stamps-two",
        "stamp-two-values", "stamp-and-another", "stamp-empty", "length-not-shortest",
        "length-indefinite", "no-signer",
    }
)  # fmt: skip
_IN_PDF = frozenset(
    {"message-digest-wrong", "signature-ecdsa", "stamp-of-another", "length-indefinite"}
)


def cms_mutants(pdf: CmsMutants, json: JsonBench) -> Iterator[Mutant]:
    """Yield the mutants of the license as PDF and as JSON."""
    for name, attack, zh, en, reasons in _ROWS:
        made = NO_KEY if name in _BY_ANYBODY else SEAL_KEY
        bench, form = (pdf, "pdf") if name in _IN_PDF else (json, "json")
        data = bench.embed(bench.made_values()[name])
        found = tuple(Reason(*reason) for reason in reasons)
        yield Mutant(f"{form}-{name}", attack, form, zh, en, data, ALTERED, found, made)
    yield from _of_json(json)


_ROWS: tuple[tuple[str, str, str, str, tuple[tuple[str, ...], ...]], ...] = (
    ("no-message-digest", "C1", "没有 messageDigest 属性", "There is no message-digest",
     ((_MALFORMED, "cms-message-digest-missing"),)),
    ("no-content-type", "C1", "没有 contentType 属性", "There is no content-type",
     ((_MALFORMED, "cms-content-type-missing"),)),
    ("no-signing-certificate", "C1", "没有 signingCertificateV2 属性",
     "There is no signing-certificate-v2", ((_MALFORMED, "cms-signing-certificate-missing"),)),
    ("nothing-but-kind", "C1", "只有 contentType 属性", "There is nothing but content-type",
     ((_MALFORMED, "cms-message-digest-missing"), (_MALFORMED, "cms-signing-certificate-missing"))),
    ("content-type-other", "C1", "contentType 不是 data", "The content-type is not data",
     ((_MALFORMED, "cms-content-type-not-data"),)),
    ("message-digest-twice", "C1", "messageDigest 属性出现两次", "There are two message-digests",
     ((_MALFORMED, "cms-signed-attribute-twice"),)),
    ("message-digest-two-values", "C1", "messageDigest 有两个值", "A message-digest has two values",
     ((_MALFORMED, "cms-message-digest-values"),)),
    ("message-digest-wrong", "C1", "messageDigest 是别的内容的摘要",
     "The message-digest is of another content", (("digest-mismatch",),)),
    ("message-digest-short", "C1", "messageDigest 只有二十字节", "A message-digest of twenty bytes",
     ((_MALFORMED, "cms-message-digest-malformed"),)),
    ("message-digest-moved", "C1", "messageDigest 移到未签名属性",
     "The message-digest stands among the unsigned attributes",
     ((_MALFORMED, "cms-signed-attribute-among-unsigned"),
      (_MALFORMED, "cms-message-digest-missing"))),
    ("signing-certificate-moved", "C1", "signingCertificateV2 移到未签名属性",
     "The signing-certificate stands among the unsigned attributes",
     ((_MALFORMED, "cms-signed-attribute-among-unsigned"),
      (_MALFORMED, "cms-signing-certificate-missing"))),
    ("signing-time-added", "C1", "多出 signingTime 属性", "There is a signing-time besides",
     ((_MALFORMED, "cms-signed-attribute-unexpected"),)),
    ("not-sorted", "C1", "签名属性没有按 DER 排序", "The signed attributes are not in DER's order",
     ((_MALFORMED, "cms-signed-attributes-not-sorted"),)),
    ("no-signed-attributes", "C1", "删去签名属性，签名值照旧",
     "The signed attributes were taken out, the signature kept",
     ((_MALFORMED, "cms-signed-attributes-missing"), ("seal-signature-invalid",))),
    ("no-signed-attributes-signed", "C1", "没有签名属性，空消息由真密钥签名",
     "There are no signed attributes; the genuine key signed nothing",
     ((_MALFORMED, "cms-signed-attributes-missing"),)),
    ("same-key-other-name", "C3", "证书换成同一密钥、另一名称的证书",
     "The certificate is another of the same key", (("signing-certificate-mismatch",),)),
    ("same-name-other-key", "C3", "证书换成同名、同序列号、另一密钥的证书",
     "The certificate is of another key, with name and number of the right one",
     (("signing-certificate-mismatch",), ("seal-signature-invalid",))),
    ("certificate-hash-sha256", "C3", "signingCertificateV2 用 SHA-256",
     "The signing-certificate is hashed with SHA-256",
     ((_ALGORITHM, "cms-signing-certificate-not-sm3"),)),
    ("certificate-hash-v1", "C3", "只有 SHA-1 的 signingCertificate",
     "There is only the signing-certificate of SHA-1", ((_ALGORITHM, "cms-signing-certificate-v1"),
     )),
    ("extra-certificate", "C3", "夹带一张无关证书", "A certificate is enclosed that is not needed",
     (("unused-certificate",),)),
    ("own-certificate-missing", "C3", "没有签章者证书", "The signer's certificate is not enclosed",
     ((_MALFORMED, "cms-signer-certificate-missing"),)),
    ("certificates-missing", "C3", "没有证书", "No certificate is enclosed",
     ((_MALFORMED, "cms-certificates-missing"),)),
    ("signed-by-another-key", "C3", "由别的密钥签名", "Another key signed",
     (("seal-signature-invalid",),)),
    ("digest-sha256", "C4", "摘要算法写为 SHA-256", "The digest algorithm is SHA-256",
     ((_ALGORITHM, "cms-digest-not-accepted"),)),
    ("digests-two", "C4", "有两个摘要算法", "There are two digest algorithms",
     ((_ALGORITHM, "cms-digest-not-accepted"), (_MALFORMED, "cms-digest-algorithms-count"))),
    ("digests-none", "C4", "没有摘要算法", "There is no digest algorithm",
     ((_MALFORMED, "cms-digest-algorithms-count"),)),
    ("digest-null", "C4", "摘要算法带 NULL 参数", "The digest algorithm has NULL for parameters",
     ((_ALGORITHM, "cms-digest-parameters"),)),
    ("signer-digest-sha256", "C4", "签名者的摘要算法写为 SHA-256",
     "The signer's digest algorithm is SHA-256", ((_ALGORITHM, "cms-signer-digest-not-accepted"),)),
    ("signer-digest-null", "C4", "签名者的摘要算法带 NULL 参数",
     "The signer's digest algorithm has NULL for parameters",
     ((_ALGORITHM, "cms-signer-digest-parameters"),)),
    ("signature-ecdsa", "C4", "签名算法写为 ECDSA", "The signature algorithm is ECDSA",
     ((_ALGORITHM, "cms-signature-algorithm-not-accepted"),)),
    ("signature-null", "C4", "签名算法带 NULL 参数",
     "The signature algorithm has NULL for parameters",
     ((_ALGORITHM, "cms-signature-algorithm-parameters"),)),
    ("version-3", "C1", "SignedData 版本为 3", "The SignedData is of version 3",
     ((_MALFORMED, "cms-version"),)),
    ("signer-version-3", "C1", "SignerInfo 版本为 3", "The SignerInfo is of version 3",
     ((_MALFORMED, "cms-signer-version"),)),
    ("content-enclosed", "C1", "内含另一份内容", "Another content is enclosed",
     ((_MALFORMED, "cms-content-enclosed"),)),
    ("content-type-token", "C1", "内容类型写为时间戳", "The content is called a time-stamp",
     ((_MALFORMED, "cms-encapsulated-type-not-data"),)),
    ("outer-type-gm", "C1", "外层类型用国密标识", "The outer type is that of GB/T 35275",
     ((_MALFORMED, "cms-outer-type-not-rfc5652"),)),
    ("stamp-of-another", "C1", "时间戳是另一个签名值的", "The time-stamp is of another signature",
     (("timestamp-of-other-seal",),)),
    ("stamps-two", "C1", "有两个时间戳属性", "There are two time-stamps",
     ((_MALFORMED, "cms-timestamp-twice"),)),
    ("stamp-two-values", "C1", "时间戳属性有两个值", "A time-stamp attribute has two values",
     ((_MALFORMED, "cms-timestamp-values"),)),
    ("stamp-and-another", "C1", "多出一个未签名属性", "There is another unsigned attribute",
     ((_MALFORMED, "cms-unsigned-attribute-unexpected"),)),
    ("stamp-empty", "C1", "时间戳为空", "The time-stamp is empty",
     (("timestamp-malformed", "timestamp-der-truncated"),)),
    ("length-not-shortest", "C1", "长度编码不是最短形式", "The length is not the shortest",
     ((_MALFORMED, "der-length-not-minimal"),)),
    ("length-indefinite", "C1", "用不定长编码", "The length is indefinite",
     ((_MALFORMED, "der-indefinite-length"),)),
    ("no-signer", "C1", "没有签名者", "There is no signer", ((_MALFORMED, "cms-no-signer"),)),
)  # fmt: skip


# --- what only a JSON has -------------------------------------------------------------------------


def _of_json(bench: JsonBench) -> Iterator[Mutant]:
    changed = bench.claims.replace(b"2034-03-15", b"2044-03-15")
    good = bench.sealed()
    again = bench.made()
    rows = (
        ("claims-changed", "改动照面数据，并改正数据标识",
         "The claims were changed, their id corrected",
         bench.sealed(claims=changed), ALTERED, (("digest-mismatch",),)),
        ("identity-wrong", "数据标识与照面数据不符", "The content id is not that of the claims",
         bench.sealed(identity="0" * 64), ALTERED, (("content-id-mismatch",),)),
        ("sealed-twice", "同一印章签了两次，冒充两个印章", "One seal signed twice, to count as two",
         bench.sealed(bench.value, again), ALTERED, (("seal-twice",), ("seals-too-many", "2"))),
        ("no-signature", "没有签名", "There is no signature", _without(good), UNSEALED,
         (("document-unreadable", "sealed-json-wrong-count"),)),
        ("not-canonical", "多一个空格，不是规范形式", "A space more: not canonical",
         good.replace(b'{"claims":', b'{"claims": ', 1), UNSEALED,
         (("document-unreadable", "sealed-json-not-canonical"),)),
        ("member-twice", "成员出现两次", "A member stands there twice",
         good.replace(b'{"claims":', b'{"claims":{},"claims":', 1), UNSEALED,
         (("document-unreadable", "sealed-json-member-twice"),)),
        ("member-added", "多出一个成员", "A member was added",
         good.replace(b'","schema":"license-vault/sealed',
                      b'","remark":"","schema":"license-vault/sealed'), UNSEALED,
         (("document-unreadable", "sealed-json-other-members"),)),
        ("schema-other", "格式标识未知", "The schema is unknown",
         good.replace(b"sealed-json/1", b"sealed-json/9"), UNSEALED,
         (("document-unreadable", "sealed-json-schema-unknown"),)),
        ("number", "用数字代替文字", "A number stands for a text",
         good.replace(b'"ordinal":"1"', b'"ordinal":1'), UNSEALED,
         (("document-unreadable", "sealed-json-number"),)),
        ("not-utf8", "不是 UTF-8", "It is not UTF-8", good.replace("清".encode(), b"\xff\xff\xff",
         1),
         UNSEALED, (("document-unreadable", "sealed-json-not-utf-8"),)),
        ("base64-loose", "Base64 的末位含多余的位", "The last digit of Base64 has bits to spare",
         _loose(bench), UNSEALED, (("document-unreadable", "sealed-json-not-base64"),)),
    )  # fmt: skip
    for name, zh, en, data, verdict, reasons in rows:
        found = tuple(Reason(*reason) for reason in reasons)
        made = ATTACKER if name == "sealed-twice" else NO_KEY
        yield Mutant(f"json-{name}", "C2", "json", zh, en, data, verdict, found, made)


def _without(good: bytes) -> bytes:
    at = good.index(b'"signatures":[')
    return good[:at] + b'"signatures":[]}'


def _loose(bench: JsonBench) -> bytes:
    """A text that decodes to the same bytes as another."""
    digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    value = bench.value
    while len(value) % 3 == 0:
        value = bench.made()
    text = bench.sealed(value)
    at = text.rindex(b'"]}') - 1
    while text[at : at + 1] == b"=":
        at -= 1
    last = digits.index(text[at : at + 1])
    return text[:at] + digits[last + 1 : last + 2] + text[at + 1 :]
