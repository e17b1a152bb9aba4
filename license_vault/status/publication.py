"""Publish the states of licenses as signed lists, which anybody may keep and ask offline.

The live row is the truth; a list says what it was when the list was made. A list is published
again when a state in it has changed or when half of its time is over. The states of the publication
before and the rows changed since make the new ones; when half the time is over all rows are read,
so that nothing stays unnoticed for longer. What was published can be told again (``publications``).
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Lock
from typing import Generic, TypeVar

from keys.provider import KeyProvider
from license_vault.clock import Clock
from license_vault.database.sessions import Database, Reading
from license_vault.errors import RowConflictError
from license_vault.status.errors import StatusChangesGoneError
from license_vault.status.listed_states import ListedStates, with_codes
from license_vault.status.publications import (
    Publication,
    Publications,
    PublicationWriter,
    StatusFiles,
)
from license_vault.status.shards import StatusShard, StatusShards
from signing.status_changes import (
    StatusBase,
    StatusStep,
    build_status_changes,
    build_status_step,
    read_status_changes,
)
from signing.status_list import StatusListContent, build_status_list, read_status_list
from signing.status_mirror import apply, held_from
from signing.status_reasons import build_status_reasons, read_status_reasons

_Key = TypeVar("_Key", bound=Hashable)
_LABEL = "status"
# A change carries the time its request came, and is seen when it is committed: at most so much
# later, for no transaction lives longer than the statement and lock time-outs let it.
_LONGEST_COMMIT = timedelta(minutes=5)
# Whoever has missed more steps or licenses than that fetches the two whole files, which are smaller
# than the changes would be.
_MOST_STEPS = 1024
_MOST_CHANGES = 100_000
# States of the newest publications, a megabyte a list; changes that were joined and signed.
_STATES_KEPT = 16
_JOINED_KEPT = 128


@dataclass(frozen=True, slots=True)
class ListedPublication:
    """A list by its public name and address, with its newest publication."""

    shard: StatusShard
    publication: Publication


@dataclass(frozen=True, slots=True)
class PublishingRules:
    """How long a list lasts, and how long it stands at least before it is made anew."""

    lifetime: timedelta
    spacing: timedelta = timedelta(0)


class StatusPublisher:
    """Makes, keeps and gives out signed status lists. Use from many threads."""

    def __init__(
        self,
        database: Database,
        keys: KeyProvider,
        certificate: Callable[[], bytes],
        rules: PublishingRules,
        clock: Clock,
    ) -> None:
        """Take what publishing needs; ``certificate`` gives the DER of that of the key status."""
        self._database = database
        self._certificate = certificate
        self._rules = rules
        self._clock = clock
        self._sign = partial(keys.sign, _LABEL)
        self._states = _Kept[tuple[int, int]](_STATES_KEPT)
        self._joined = _Kept[tuple[int, int, int]](_JOINED_KEPT)

    def current(self) -> tuple[ListedPublication, ...]:
        """Return a publication of every list that says what the rows say, making it if need be.

        One that is younger than the rules' spacing is returned as it stands.
        """
        with self._database.reading() as session:
            shards = StatusShards(session).all()
        return tuple(ListedPublication(shard, self._current(shard)) for shard in shards)

    def publish(self) -> int:
        """Publish what has changed, or is to be renewed; return how many lists that were."""
        with self._database.reading() as session:
            publications = Publications(session)
            before = {shard: publications.newest(shard) for shard in StatusShards(session).all()}
        return sum(before.get(one.shard) != one.publication for one in self.current())

    def files(self, name: str, sequence: int | None = None) -> StatusFiles | None:
        """Return the signed files of a list, the newest or those of a sequence.

        None: there is no such list, or of that sequence the two whole files are not kept.
        """
        shard = self._shard(name)
        if shard is None:
            return None
        found = self._current(shard) if sequence is None else None
        with self._database.reading() as session:
            publications = Publications(session)
            if sequence is not None:
                found = publications.of_sequence(shard, sequence)
            return None if found is None else publications.files(found)

    def whole_files(self) -> tuple[bytes, ...]:
        """Return plane and reasons of every list, one after the other, as of this moment."""
        with self._database.reading() as session:
            shards = StatusShards(session).all()
        newest = [self._current(shard, timedelta(0)) for shard in shards]
        with self._database.reading() as session:
            found = [Publications(session).files(one) for one in newest]
        return tuple(file for one in found if one for file in (one.plane, one.reasons))

    def changes(self, name: str, since: int) -> bytes | None:
        """Return the signed changes of a list from a sequence to the newest; None: there are none.

        Raises:
            StatusChangesGoneError: they cannot be told from there; fetch the two whole files.
        """
        shard = self._shard(name)
        newest = None if shard is None else self._current(shard)
        if shard is None or shard.row_id is None or newest is None or since > newest.sequence:
            raise StatusChangesGoneError(since)
        if since == newest.sequence:
            return None
        key = (shard.row_id, since, newest.sequence)
        return self._joined.get(key) or self._joined.keep(key, self._join(shard, since, newest))

    def states_at(self, name: str, sequence: int) -> bytes | None:
        """Return all states of a publication; None if there is none, or only in the first form."""
        shard = self._shard(name)
        if shard is None:
            return None
        with self._database.reading() as session:
            found = Publications(session).of_sequence(shard, sequence)
        return None if found is None else self._states_of(shard, found)

    def _shard(self, name: str) -> StatusShard | None:
        with self._database.reading() as session:
            shards = StatusShards(session).all()
        return next((shard for shard in shards if shard.name == name), None)

    # --- making a publication ---

    def _current(self, shard: StatusShard, spacing: timedelta | None = None) -> Publication:
        now, spacing = self._clock(), self._rules.spacing if spacing is None else spacing
        with self._database.reading() as session:
            latest = Publications(session).newest(shard)
            if latest and latest.issued_at <= now < latest.issued_at + spacing:
                return latest
            changed = _changed(session, shard, latest)
        if latest is None or not latest.in_two_files or now >= _renewed_at(latest):
            return self._publish(shard, latest, None, now)
        if not changed:
            return latest
        before = self._states_of(shard, latest)
        if before is not None and all(_says(before, *change) for change in changed.items()):
            return latest
        return self._publish(shard, latest, before, now)

    def _publish(
        self, shard: StatusShard, latest: Publication | None, before: bytes | None, now: datetime
    ) -> Publication:
        """Publish; ``before`` None: from all rows."""
        with self._database.reading() as session:
            if before is None:
                states = ListedStates(session).whole(shard)
            else:
                states = with_codes(before, _changed(session, shard, latest))
        base = before
        if base is None and latest is not None and latest.in_two_files:
            base = self._states_of(shard, latest)
        content = StatusListContent(
            uri=shard.uri,
            sequence=latest.sequence + 1 if latest else 1,
            issued_at=now,
            next_update=now + self._rules.lifetime,
            states=states.ljust(max(shard.length, len(base or b"")), b"\0"),
        )
        return self._add(shard, content, None if base is None else StatusBase(_of(latest), base))

    def _add(
        self, shard: StatusShard, content: StatusListContent, base: StatusBase | None
    ) -> Publication:
        signed = (self._certificate(), self._sign)
        files = StatusFiles(
            build_status_list(content, *signed),
            build_status_reasons(content, *signed),
            b"" if base is None else build_status_changes(base, content, *signed),
        )
        head = content.head
        made = Publication(
            0, head.sequence, head.issued_at, head.next_update, head.states_sm3, in_two_files=True
        )
        try:
            with self._database.writing() as session:
                made = PublicationWriter(session).add(shard, made, files)
        except RowConflictError:
            # Another node has just published the same sequence.
            with self._database.reading() as session:
                found = Publications(session).newest(shard)
            if found is None:
                raise
            return found
        self._states.keep((shard.row_id or 0, made.sequence), content.states)
        return made

    # --- what was published ---

    def _states_of(self, shard: StatusShard, publication: Publication) -> bytes | None:
        """Return all states of a publication; None where it stands in the first form only."""
        key = (shard.row_id or 0, publication.sequence)
        kept = self._states.get(key)
        if kept is not None:
            return kept
        with self._database.reading() as session:
            publications = Publications(session)
            whole = publications.newest_whole(shard, publication.sequence)
            files = None if whole is None else publications.files(whole)
            if whole is None or files is None:
                return None
            steps = publications.changes_between(shard, whole.sequence, publication.sequence)
        held = held_from(read_status_list(files.plane), read_status_reasons(files.reasons))
        for step in steps:
            held = apply(held, read_status_changes(step))
        return self._states.keep(key, held.states)

    def _join(self, shard: StatusShard, since: int, newest: Publication) -> bytes:
        """Return the changes of several publications as one, signed now."""
        if newest.sequence - since > _MOST_STEPS:
            raise StatusChangesGoneError(since)
        with self._database.reading() as session:
            steps = Publications(session).changes_between(shard, since, newest.sequence)
        read = [read_status_changes(step) for step in steps]
        if not read or read[0].base_sequence != since:
            raise StatusChangesGoneError(since)
        if len(read) == 1:
            return steps[0]
        changed: dict[int, int] = {}
        for one in read:
            changed.update(one.changes)
        if len(changed) > _MOST_CHANGES:
            raise StatusChangesGoneError(since)
        step = StatusStep(since, read[0].base_sm3, tuple(sorted(changed.items())))
        return build_status_step(step, read[-1].head.of_list, self._certificate(), self._sign)


def _changed(session: Reading, shard: StatusShard, latest: Publication | None) -> dict[int, int]:
    """Return the codes of what may have changed since a publication was made."""
    if latest is None:
        return {}
    return ListedStates(session).changed_since(shard, latest.issued_at - _LONGEST_COMMIT)


def _says(states: bytes, index: int, code: int) -> bool:
    return index < len(states) and states[index] == code


def _of(latest: Publication | None) -> int:
    return 0 if latest is None else latest.sequence


def _renewed_at(latest: Publication) -> datetime:
    return latest.issued_at + (latest.next_update - latest.issued_at) / 2


class _Kept(Generic[_Key]):
    """The bytes that were kept last, at most so many; from many threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[_Key, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: _Key) -> bytes | None:
        """Return what is kept, None if nothing is."""
        with self._lock:
            return self._found.get(key)

    def keep(self, key: _Key, value: bytes) -> bytes:
        """Keep a value, let go of the oldest, and return the value."""
        with self._lock:
            self._found[key] = value
            while len(self._found) > self._most:
                self._found.popitem(last=False)
        return value
