"""Changes of a status list: small, in one form, and of use in one order only."""

import random
from datetime import timedelta

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from pki import NOW, STATUS_URI, Pki

from keys.sm3 import sm3
from signing.errors import MalformedStatusListError, StatusFilesConflictError
from signing.status_changes import (
    StatusBase,
    StatusChanges,
    build_status_changes,
    read_status_changes,
)
from signing.status_list import StatusListContent, read_status_list
from signing.status_mirror import HeldStates, apply, held_from
from signing.status_reasons import read_status_reasons

PKI = Pki()


def content(sequence: int, states: bytes, uri: str = STATUS_URI) -> StatusListContent:
    issued_at = NOW + timedelta(minutes=sequence)
    return StatusListContent(uri, sequence, issued_at, issued_at + timedelta(days=1), states)


def changes(base: tuple[int, bytes], to: StatusListContent) -> StatusChanges:
    return read_status_changes(build_status_changes(StatusBase(*base), to, b"", lambda _: b""))


def held(states: bytes, sequence: int = 1, uri: str = STATUS_URI) -> HeldStates:
    plane, reasons = PKI.status_files(states, uri, sequence)
    return held_from(read_status_list(plane), read_status_reasons(reasons))


HISTORIES = st.lists(st.binary(max_size=40), min_size=2, max_size=6).map(
    lambda lists: [
        bytes(code % 16 for code in one).ljust(max(map(len, lists[: at + 1])), b"\0")
        for at, one in enumerate(lists)
    ]
)


@settings(max_examples=examples(60), deadline=None)
@given(history=HISTORIES, data=st.data())
def test_changes_in_any_legal_order_give_the_published_states(
    history: list[bytes], data: st.DataObject
) -> None:
    """A mirror may go by single steps or leap over some; it ends with what was published."""
    mirror, at = held(history[0]), 0
    while at < len(history) - 1:
        to = data.draw(st.integers(at + 1, len(history) - 1))
        step = changes((at + 1, history[at]), content(to + 1, history[to]))
        mirror, at = apply(mirror, step), to
        assert mirror.states == history[at]
        assert mirror.head.states_sm3 == sm3(history[at])
        with pytest.raises(StatusFilesConflictError):
            apply(mirror, step)


ONE, TWO, THREE = b"\1\1\1\1", b"\1\4\1\1", b"\1\4\5\1\1"


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (changes((2, TWO), content(3, THREE)), "status-changes-out-of-order"),
        (changes((0, b""), content(1, ONE)), "status-changes-out-of-order"),
        (changes((1, TWO), content(2, THREE)), "status-changes-other-base"),
        (
            changes((1, ONE), content(2, TWO, "https://other.example/1")),
            "status-files-of-two-lists",
        ),
    ],
    ids=["a step is missing", "replayed", "other states before", "another list"],
)
def test_changes_that_do_not_follow_are_refused(step: StatusChanges, code: str) -> None:
    with pytest.raises(StatusFilesConflictError, match=code):
        apply(held(ONE), step)


def test_changes_that_lead_elsewhere_than_they_say_are_refused() -> None:
    good = changes((1, ONE), content(2, TWO))
    lying = StatusChanges(good.head, good.base_sequence, good.base_sm3, {1: 5})
    with pytest.raises(StatusFilesConflictError, match="digest"):
        apply(held(ONE), lying)


def test_a_list_neither_shrinks_nor_goes_back() -> None:
    for base, to in (((1, TWO), content(2, b"\1")), ((2, ONE), content(2, TWO))):
        with pytest.raises(MalformedStatusListError, match="out-of-range"):
            build_status_changes(StatusBase(*base), to, b"", lambda _: b"")


def test_a_minute_with_a_thousand_changes_in_ten_lists_is_small() -> None:
    drawn, size = random.Random(3), 1 << 20
    before = bytes(size)
    total = 0
    for _ in range(10):
        after = bytearray(before)
        for index in drawn.sample(range(size), 100):
            after[index] = drawn.choice((1, 2, 5, 9))
        encoded = build_status_changes(
            StatusBase(1, before), content(2, bytes(after)), PKI.status, lambda _: bytes(72)
        )
        total += len(encoded)
    assert total <= 20_000
