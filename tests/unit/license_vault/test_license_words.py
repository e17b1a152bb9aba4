"""The states a license may take, the documents a holder is named by, and what a day means."""

from datetime import UTC, date, datetime, timedelta

import pytest

from license_vault.clock import civil_date, end_of, start_of, system_clock
from license_vault.license import (
    ALLOWED_TRANSITIONS,
    DOCUMENT_NAMES,
    HOLDER_KIND_NAMES,
    STATUS_CODES,
    STATUS_NAMES,
    HolderKind,
    LicenseStatus,
    document_fits,
)


def test_every_state_has_arrows_a_code_and_words() -> None:
    for table in (ALLOWED_TRANSITIONS, STATUS_CODES, STATUS_NAMES):
        assert set(table) == set(LicenseStatus)
    assert set(HOLDER_KIND_NAMES) == set(HolderKind)


def test_state_codes_fit_four_bits_and_zero_is_no_state() -> None:
    assert all(1 <= code <= 15 for code in STATUS_CODES.values())
    apart = {status: code for status, code in STATUS_CODES.items() if code != 8}
    assert len(set(apart.values())) == len(apart) == 8


@pytest.mark.parametrize("status", [LicenseStatus.CANCELLED, LicenseStatus.VOID])
def test_nothing_leaves_a_final_state(status: LicenseStatus) -> None:
    assert not ALLOWED_TRANSITIONS[status]


def test_what_was_ended_can_only_be_closed() -> None:
    ended = (LicenseStatus.RESCINDED, LicenseStatus.REVOKED, LicenseStatus.LAPSED)
    for status in ended:
        assert ALLOWED_TRANSITIONS[status] == {LicenseStatus.CANCELLED}


def test_a_suspended_license_cannot_be_suspended_again_but_given_back() -> None:
    after = ALLOWED_TRANSITIONS[LicenseStatus.SUSPENDED]
    assert LicenseStatus.SUSPENDED not in after
    assert LicenseStatus.VALID in after


def test_only_an_intent_becomes_void() -> None:
    before = [s for s, after in ALLOWED_TRANSITIONS.items() if LicenseStatus.VOID in after]
    assert before == [LicenseStatus.ISSUING]


def test_each_document_fits_persons_or_organisations_never_both() -> None:
    for document in DOCUMENT_NAMES:
        person = document_fits(HolderKind.NATURAL_PERSON, document)
        assert person != document_fits(HolderKind.LEGAL_PERSON, document)
        assert person != document_fits(HolderKind.OTHER_ORGANISATION, document)


def test_the_civil_day_begins_eight_hours_before_utc() -> None:
    assert civil_date(datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert civil_date(datetime(2026, 3, 1, 16, 0, 0, tzinfo=UTC)) == date(2026, 3, 2)


def test_a_day_ends_one_second_before_the_next_begins() -> None:
    day = date(2026, 2, 28)
    assert end_of(day) + timedelta(seconds=1) == start_of(day + timedelta(days=1))
    assert civil_date(start_of(day)) == civil_date(end_of(day)) == day


def test_the_clock_gives_whole_seconds_utc() -> None:
    now = system_clock()
    assert (now.microsecond, now.utcoffset()) == (0, timedelta(0))
