"""A status list as somebody else keeps it: begun with two files, carried on by changes.

What is held are all states of one sequence and the signed file that vouches for their digest: give
both to the verifier (``StatusEvidence.signed_list`` and ``states``). Whether that file is signed by
whom it should be is not asked here; ``verification`` judges it, at the latest when a license is
verified.
"""

from dataclasses import dataclass, field

from keys.sm3 import sm3
from signing.errors import StatusFilesConflictError
from signing.status_changes import StatusChanges
from signing.status_file import StatusFileHead
from signing.status_list import StatusList
from signing.status_reasons import StatusReasons, states_of


@dataclass(frozen=True, slots=True)
class HeldStates:
    """All states of one sequence, one code a byte; ``head`` is of the file that vouches for it."""

    head: StatusFileHead
    states: bytes = field(repr=False)


def held_from(plane: StatusList, reasons: StatusReasons) -> HeldStates:
    """Return what the two files of a publication say.

    Raises:
        StatusFilesConflictError: they are not of one publication, do not fit, or their states do
            not have the digest that stands in them.
    """
    return _held(plane.head, states_of(plane, reasons))


def apply(held: HeldStates, changes: StatusChanges) -> HeldStates:
    """Return the states that follow.

    Raises:
        StatusFilesConflictError: the changes are of another list, begin at another sequence
            (replayed or out of order) or at other states, or lead to states of another digest.
    """
    before, after = held.head, changes.head
    if after.uri != before.uri:
        raise StatusFilesConflictError("status-files-of-two-lists")
    if changes.base_sequence != before.sequence:
        raise StatusFilesConflictError("status-changes-out-of-order")
    if changes.base_sm3 != before.states_sm3 or after.length < before.length:
        raise StatusFilesConflictError("status-changes-other-base")
    if after.issued_at < before.issued_at:
        raise StatusFilesConflictError("status-changes-older")
    states = bytearray(held.states.ljust(after.length, b"\0"))
    for index, code in changes.changes.items():
        states[index] = code
    return _held(after, bytes(states))


def _held(head: StatusFileHead, states: bytes) -> HeldStates:
    if sm3(states) != head.states_sm3:
        raise StatusFilesConflictError("status-files-digest-differs")
    return HeldStates(head, states)
