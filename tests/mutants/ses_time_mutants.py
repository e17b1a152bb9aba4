"""SES mutants of time (O6, O7), of forms that exclude each other, and of seals alone (.esl).

Times are those of the published set: sealed on 2026-06-01, verified half an hour later. Where a
time-stamp would prove when the seal was used, it is left out or is another's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from mutants.mutant import (
    ALTERED,
    ATTACKER,
    INDETERMINATE,
    NO_KEY,
    NOT_IN_FORCE,
    SEAL_KEY,
    UNTRUSTED,
    Mutant,
    Reason,
)
from mutants.ses_field_mutants import SesBench
from mutants.ses_mutants import Rows, SealedBy
from mutants.workbench import SIGNATURE, Workbench
from pki import NOW, SEAL_CODE, VALID_FROM, Pki
from ses_forge import SesForge, bits, generalized, ia5, octets, tagged

from keys.sm3 import sm3
from signing import der
from signing.cms.pdf_signature_writer import SigningIdentity
from signing.timestamps.local import LocalTimestamper

_DAY = timedelta(days=1)
_FAR = datetime(2034, 6, 1, 4, 0, tzinfo=UTC)
Stamp = Callable[[bytes], bytes]


def ses_time_mutants(bench: Workbench) -> Iterator[Mutant]:
    """Yield the mutants of a license."""
    by = SealedBy(bench)
    for rows in (_claimed(by), _periods(by), _stamps(by), _forms(by)):
        for name, zh, en, data, verdict, reasons, made in rows:
            yield Mutant(name, "O6", "ofd", zh, en, data, verdict, reasons, made)
    yield Mutant(
        "stamp-missing-and-required", "O6", "ofd", "没有时间戳，而核验策略要求时间戳",
        "There is no time-stamp, and the policy requires one", by.file(stamp=None), INDETERMINATE,
        (Reason("timestamp-required"),), NO_KEY, "strict",
    )  # fmt: skip
    for name, zh, en, data, verdict, reasons, made in _alone(by):
        yield Mutant(f"esl-{name}", "O6", "esl", zh, en, data, verdict, reasons, made)


# --- times that are claimed, and periods ----------------------------------------------------------


def _claimed(by: SealedBy) -> Rows:
    world, own = by.world, by.own
    young = world.ses(own[0], valid_from=NOW - _DAY, created_at=NOW - _DAY)
    yield (
        "claimed-before-the-seal", "没有时间戳，声称的时间早于印章有效期",
        "No time-stamp, and the time claimed is before the seal's period",
        by.file(young, stamp=None, at=NOW - 9 * _DAY), UNTRUSTED,
        (Reason("claimed-outside-seal"),), SEAL_KEY,
    )  # fmt: skip
    yield (
        "claimed-before-the-certificate", "没有时间戳，声称的时间早于证书有效期",
        "No time-stamp, and the time claimed is before the certificate's period",
        by.file(stamp=None, at=VALID_FROM - _DAY), UNTRUSTED,
        (Reason("claimed-outside-certificate"),), SEAL_KEY,
    )  # fmt: skip
    yield (
        "claimed-after-the-stamp", "声称的时间晚于时间戳",
        "The time claimed is later than the time-stamp",
        by.file(at=NOW + _DAY), INDETERMINATE, (Reason("claimed-time-after-stamp"),), SEAL_KEY,
    )  # fmt: skip
    yield (
        "claimed-in-the-future", "没有时间戳，声称的时间在将来",
        "No time-stamp, and the time claimed lies in the future", by.file(stamp=None, at=_FAR),
        INDETERMINATE, (Reason("claimed-in-future"),), SEAL_KEY,
    )  # fmt: skip
    late = world.ses(own[0], created_at=NOW + _DAY)
    yield (
        "seal-made-after-use", "印章在签章之后才制作", "The seal was made after it was used",
        by.file(late),
        INDETERMINATE, (Reason("seal-made-after-use"),), SEAL_KEY,
    )  # fmt: skip


def _periods(by: SealedBy) -> Rows:
    world, own = by.world, by.own
    old = world.ses(own[0], valid_until=NOW - _DAY)
    yield (
        "seal-expired", "签章时印章已到期", "The seal had expired when it was used", by.file(old),
        UNTRUSTED, (Reason("seal-expired-at-sealing"),), SEAL_KEY,
    )  # fmt: skip
    yield (
        "seal-expired-without-proof", "印章已到期，没有时间戳证明签章在前",
        "The seal has expired, and no time-stamp proves that it was used before",
        by.file(old, stamp=None, at=NOW - 9 * _DAY), INDETERMINATE,
        (Reason("seal-expired-no-proof"),), SEAL_KEY,
    )  # fmt: skip
    yield (
        "seal-not-yet-valid", "签章时印章尚未启用", "The seal was not in its period yet",
        by.file(world.ses(own[0], valid_from=NOW + _DAY)), UNTRUSTED,
        (Reason("seal-not-yet-valid"),), SEAL_KEY,
    )  # fmt: skip
    certificate, label = world.signers["expired"]
    yield (
        "certificate-expired-without-proof", "证书已到期，没有时间戳证明签章在前",
        "The certificate has expired, and no time-stamp proves that it was used before",
        by.file(world.ses(certificate), (certificate, label), stamp=None, at=NOW - 90 * _DAY),
        INDETERMINATE, (Reason("certificate-expired-no-proof"),), SEAL_KEY,
    )  # fmt: skip


# --- time-stamps ----------------------------------------------------------------------------------


def _stamps(by: SealedBy) -> Rows:
    pki, world = by.pki, by.world
    good = by.bench.stamp
    token = good(sm3(b"another signature"))
    foreign = world.timestamper(world.attacker).timestamp
    rows = (
        ("stamp-of-another", "时间戳是另一个签名值的", "The time-stamp is of another signature",
         lambda _: token, ALTERED, Reason("timestamp-of-other-seal"), NO_KEY),
        ("stamp-of-another-root", "时间戳出自同名的另一个根",
         "The time-stamp is of another root of the same name", foreign, UNTRUSTED,
         Reason("timestamp-authority-not-trusted"), ATTACKER),
        ("stamp-by-a-seal", "由签章证书签发时间戳", "A seal's certificate signed the time-stamp",
         _stamper(pki, world.second.certificate, world.second.key_label, NOW), UNTRUSTED,
         Reason("timestamp-authority-unsuitable", "extended-key-usage"), ATTACKER),
        ("stamp-in-the-future", "时间戳的时间在将来", "The time-stamp lies in the future",
         _stamper(pki, pki.tsa, "tsa", _FAR), INDETERMINATE, Reason("time-in-future"), SEAL_KEY),
        ("stamp-signed-by-another", "时间戳由别的密钥签名", "Another key signed the time-stamp",
         _stamper(pki, pki.tsa, world.second.key_label, NOW), ALTERED,
         Reason("timestamp-signature-invalid"), ATTACKER),
        ("stamp-no-token", "时间戳不是时间戳令牌", "The time-stamp is no token",
         lambda _: b"\x30\0",
         ALTERED, Reason("timestamp-malformed", "timestamp-der-truncated"), NO_KEY),
        ("stamp-altered", "改动时间戳中的时间", "The time in the time-stamp was changed",
         lambda imprint: good(imprint).replace(b"20260601", b"20260501"), ALTERED,
         Reason("timestamp-malformed", "timestamp-message-digest"), NO_KEY),
    )  # fmt: skip
    for name, zh, en, stamp, verdict, reason, made in rows:
        yield name, zh, en, by.file(stamp=stamp), verdict, (reason,), made


def _stamper(pki: Pki, certificate: bytes, label: str, at: datetime) -> Stamp:
    """Stamps under a certificate with a key, at a time of one's choice."""
    identity = SigningIdentity(certificate)
    return LocalTimestamper(
        pki.keys, label, identity, lambda: at, lambda size: bytes(size)
    ).timestamp


# --- other forms of value, and versions -----------------------------------------------------------


def _forms(by: SealedBy) -> Rows:
    bench = by.bench
    yield (
        "listed-as-sign", "签名列表把印章写成普通签名（Sign）",
        "The list calls the seal a plain signature",
        bench.sealed(
            kind="Sign", seal_file=by.world.seal.ses, describe=lambda text: _without(text,
            "<ofd:Seal>", "</ofd:Seal>")
        ), ALTERED, (Reason("seal-form-not-ours", "ses"),), SEAL_KEY,
    )  # fmt: skip
    forge = SesForge(bench.pki, bench.seal.certificate, bench.seal.key_label, 5)
    small = {"picture_data": octets(b"\x89PNG\r\n\x1a\n")}
    other = tagged(bits(bench.stamp(sm3(b"another seal"))))
    seal = forge.seal(**small, seal_timestamp=other)
    yield (
        "seal-stamped-with-anothers", "第 5 版印章带有另一枚印章的时间戳",
        "A seal of version 5 has another seal's time-stamp", _version_5(by, forge, seal), ALTERED,
        (Reason("seal-timestamp-wrong", "of-another-seal"),), NO_KEY,
    )  # fmt: skip
    seal = forge.seal(**small, seal_timestamp=tagged(bits(b"\x30\0")))
    yield (
        "seal-stamp-no-token", "第 5 版印章的时间戳不是时间戳令牌",
        "The time-stamp of a seal of version 5 is no token", _version_5(by, forge, seal), ALTERED,
        (Reason("seal-timestamp-wrong", "timestamp-der-truncated"),), NO_KEY,
    )  # fmt: skip


def _without(text: str, begin: str, end: str) -> str:
    at = text.index(begin)
    return text[:at] + text[text.index(end, at) + len(end) :]


def _version_5(by: SealedBy, forge: SesForge, seal: bytes) -> bytes:
    def value(description: bytes) -> bytes:
        to_sign = forge.to_sign(
            seal=seal,
            time=generalized(NOW),
            data_hash=bits(sm3(description)),
            property_info=ia5(SIGNATURE),
        )
        signature = forge.sign(to_sign)
        stamp = tagged(bits(by.bench.stamp(sm3(signature))))
        return forge.signature(to_sign=to_sign, signature=bits(signature), timestamp=stamp)

    return by.bench.sealed(seal_file=seal, value=value)


# --- a seal by itself -----------------------------------------------------------------------------


def _alone(by: SealedBy) -> Rows:
    world, own = by.world, by.own
    forge = SesBench(by.bench)
    good = world.seal.ses
    yield (
        "name-changed", "改动印章名称", "The name of the seal was changed",
        good.replace("卫生".encode(), "税务".encode(), 1), ALTERED,
        (Reason("maker-signature-invalid"),), NO_KEY,
    )  # fmt: skip
    yield (
        "of-another-root", "印章出自同名的另一个根", "The seal is of another root of the same name",
        world.foreign_seal.ses, UNTRUSTED,
        (Reason("maker-no-trusted-chain", "Test seal maker"),), ATTACKER,
    )  # fmt: skip
    yield (
        "self-made", "印章由签章者自己制作", "The signer made the seal himself", world.ses(own[0],
        own),
        UNTRUSTED, (Reason("maker-not-named", SEAL_CODE),), SEAL_KEY,
    )  # fmt: skip
    yield (
        "expired", "印章已到期", "The seal has expired", world.ses(own[0], valid_until=NOW - _DAY),
        NOT_IN_FORCE, (Reason("seal-no-longer-in-use"),), SEAL_KEY,
    )  # fmt: skip
    yield (
        "not-yet", "印章尚未启用", "The seal is not in its period yet",
        world.ses(own[0], valid_from=NOW + _DAY), NOT_IN_FORCE, (Reason("seal-not-in-use-yet"),),
        SEAL_KEY,
    )  # fmt: skip
    yield (
        "more", "印章末尾多出字段", "The seal ends in a field more",
        forge.seal(seal_more=der.integer(1)), "unsealed",
        (Reason("document-unreadable", "ses-seal-trailing-bytes"),), NO_KEY,
    )  # fmt: skip
    yield (
        "maker-revoked", "制章者证书已撤销", "The maker's certificate was revoked",
        world.ses(own[0], world.makers["revoked"]), UNTRUSTED, (Reason("maker-revoked"),), ATTACKER,
    )  # fmt: skip
