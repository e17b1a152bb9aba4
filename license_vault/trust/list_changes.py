"""What is different between two trust lists, entry by entry. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from keys.sm3 import sm3
from signing.trust_list import TrustedEntry, TrustList

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
WITHDRAWN, TRUSTED_AGAIN = "withdrawn", "trusted again"


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that differs; ``what`` says how, ``detail`` with which reason or member."""

    what: str
    kind: str
    name: str
    key: str
    detail: str


def changes_between(before: TrustList | None, after: TrustList) -> tuple[Change, ...]:
    """Return what is different in ``after``, in the order of the lists; all of it without before.

    What is missing in the later list is told too: nothing may leave a list, only be withdrawn.
    """
    old = {} if before is None else {_key(entry): entry for entry in before.content.entries}
    new = {_key(entry): entry for entry in after.content.entries}
    return (
        *(change for key, entry in new.items() for change in _changes(old.get(key), entry)),
        *(_change(REMOVED, entry) for key, entry in old.items() if key not in new),
    )


def _key(entry: TrustedEntry) -> tuple[str, str, str, tuple[str, ...]]:
    return entry.kind, entry.code, sm3(entry.certificate).hex(), entry.seal_owners


def _changes(before: TrustedEntry | None, after: TrustedEntry) -> Iterator[Change]:
    if before is None:
        detail = "" if after.is_trusted else after.history[-1].reason
        yield _change(ADDED, after, detail)
        return
    if before.is_trusted and not after.is_trusted:
        yield _change(WITHDRAWN, after, after.history[-1].reason)
    elif after.is_trusted and not before.is_trusted:
        yield _change(TRUSTED_AGAIN, after)
    # What was told of the past stays told; a list that says otherwise is looked at twice.
    if after.history[: len(before.history)] != before.history:
        yield _change(CHANGED, after, "history")
    for member in ("name", "region", "purposes", "national_root"):
        if getattr(before, member) != getattr(after, member):
            yield _change(CHANGED, after, member)


def _change(what: str, entry: TrustedEntry, detail: str = "") -> Change:
    owners = " ".join(entry.seal_owners)
    key = f"{entry.code} ← {owners}" if entry.code else sm3(entry.certificate).hex()[:16]
    return Change(what, entry.kind, entry.name, key, detail)
