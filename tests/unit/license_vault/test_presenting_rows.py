"""Codes and device tokens in the rows of both databases: used once, withdrawn, expired, revoked."""

import secrets
from datetime import timedelta

import pytest
from memory_keys import MemoryKeys
from pki import NOW, OWNER_CODE, OWNER_NAME

from license_vault.database.sessions import Database
from license_vault.errors import CredentialsRefusedError
from license_vault.license import IssuingAuthority
from license_vault.presenting.devices import Devices, DeviceWriter
from license_vault.presenting.errors import PresentationInvalidError, PresentationUnknownError
from license_vault.presenting.order import (
    PresentingOrder,
    check_order,
    decoded,
    encoded,
    shown_fields,
)
from license_vault.presenting.rows import PresentationRecord, PresentationRows, PresentationWriter
from license_vault.registry.authorities import AuthorityWriter
from license_vault.registry.holders import HolderWriter, NewHolder

LATER = NOW + timedelta(minutes=5)


def waiting(name: str, holder: int) -> PresentationRecord:
    return PresentationRecord(0, name, holder, NOW, LATER, None, None, None, b"sealed", None)


def test_a_code_is_used_withdrawn_or_expires_and_never_two_of_them(
    either_database: Database,
) -> None:
    with either_database.writing() as session:
        added = NewHolder("h" * 26, "natural_person", b"m" * 32, b"k", 1, b"d", NOW)
        holder = HolderWriter(session).add(added)
        writer = PresentationWriter(session)
        used, taken, old = (writer.add(waiting(n, holder), n.encode()) for n in ("a", "b", "c"))
    with either_database.writing() as session:
        writer = PresentationWriter(session)
        assert writer.resolve(used, OWNER_CODE, b"receipt", NOW)
        assert not writer.resolve(used, OWNER_CODE, b"other", NOW)
        assert not writer.withdraw(used, NOW)
        assert writer.withdraw(taken, NOW)
        assert not writer.resolve(taken, OWNER_CODE, b"receipt", NOW)
        assert not writer.resolve(old, OWNER_CODE, b"receipt", LATER)
    with either_database.reading() as session:
        rows = PresentationRows(session)
        states = [rows.get(name).state(LATER) for name in ("a", "b", "c")]
        assert states == ["resolved", "withdrawn", "expired"]
        assert rows.get("a").sealed_receipt == b"receipt"
        assert [each.presentation_id for each in rows.of_holder(holder, 2)] == ["c", "b"]
        assert rows.by_code(b"no") is None
        with pytest.raises(PresentationUnknownError):
            rows.get("no")


def test_a_device_token_counts_until_it_expires_or_its_device_is_revoked(
    either_database: Database,
) -> None:
    keys, hour = MemoryKeys(), timedelta(hours=1)
    with either_database.writing() as session:
        AuthorityWriter(session).add(IssuingAuthority(OWNER_CODE, OWNER_NAME, "110101"), None, NOW)
        writer = DeviceWriter(session, keys, secrets.token_bytes)
        made = writer.add(OWNER_CODE, "大厅 1 号机", NOW)
        token = writer.give_token(made.device_id, made.secret, hour, NOW)
        with pytest.raises(CredentialsRefusedError):
            writer.give_token(made.device_id, "wrong", hour, NOW)
    with either_database.reading() as session:
        devices = Devices(session, keys)
        assert devices.device_of(token.token, NOW).as_caller.name == f"device:{made.device_id}"
        for secret, at in ((token.token, NOW + hour), (made.secret, NOW), ("", NOW)):
            with pytest.raises(CredentialsRefusedError):
                devices.device_of(secret, at)
    with either_database.writing() as session:
        assert DeviceWriter(session, keys, secrets.token_bytes).revoke(made.device_id, NOW)
    with either_database.reading() as session, pytest.raises(CredentialsRefusedError):
        Devices(session, keys).device_of(token.token, NOW)


ORDER = PresentingOrder(("1", "2"), {"1": ("number",), "2": ("*",)}, 5)


def test_an_order_is_kept_as_it_was_given() -> None:
    check_order(ORDER)
    assert decoded(encoded(ORDER, "code")) == (ORDER, "code")
    printed = {"number": "N", "holders.name": "甲"}
    assert shown_fields(ORDER, "1", printed) == {"number": "N"}
    assert shown_fields(ORDER, "2", printed) == printed


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        (PresentingOrder((), {}, 5), "licenses"),
        (PresentingOrder(("1", "1"), {"1": ("number",)}, 5), "licenses"),
        (PresentingOrder(("1",), {"1": ("number",)}, 11), "minutes"),
        (PresentingOrder(("1",), {"1": ()}, 5), "consent-missing"),
        (PresentingOrder(("1",), {"1": ("number",), "2": ("number",)}, 5), "unknown-field"),
    ],
)
def test_an_order_says_what_is_shown_or_is_refused(order: PresentingOrder, reason: str) -> None:
    with pytest.raises(PresentationInvalidError) as caught:
        check_order(order)
    assert caught.value.reason == reason
