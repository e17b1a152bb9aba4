"""Pull a partner's status lists: its index, then of each list changes, or the two whole files.

Nothing is kept that is not signed by whom the region's accepted trust list names for it, that is
of another list than asked for, older than what is kept, or the same sequence with other states.
What was kept stays in use then, and somebody is told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from license_vault.partners.errors import PullRefusedError
from license_vault.partners.reach import Reach
from license_vault.partners.services import PullServices
from license_vault.partners.status_lists import (
    KeptList,
    PartnerStatusLists,
    PartnerStatusListWriter,
)
from signing.errors import SigningError
from signing.status_changes import read_status_changes
from signing.status_file import MAX_LIST_BYTES, StatusFileHead
from signing.status_list import read_status_list
from signing.status_mirror import HeldStates, apply, held_from
from signing.status_reasons import read_status_reasons

INDEX = "/v1/status-lists"
MAX_LISTS = 4096
_LONGEST_INDEX = 2 * 1024 * 1024
_NAME = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Listed:
    """One list in a region's index: its name there, its address, its newest publication."""

    name: str
    uri: str
    sequence: int
    states_sm3: str


class StatusPull:
    """Pulls status lists. May be used from many threads."""

    def __init__(self, services: PullServices) -> None:
        self._services = services

    def pull(self, reach: Reach) -> None:
        """Bring all lists of a partner to their newest.

        Raises:
            PullRefusedError: the index cannot be had, or a list is not taken: the others are
                pulled all the same, and the first reason is told, an alarming one before others.
        """
        listed = read_index(reach.get(INDEX, longest=_LONGEST_INDEX).body)
        refused = [error for one in listed if (error := self._tried(reach, one)) is not None]
        refused.sort(key=lambda error: not error.alarming)
        if refused:
            raise refused[0]

    def refresh(self, reach: Reach, kept: KeptList, within: float) -> None:
        """Ask for the changes of one kept list only, within some seconds.

        Raises:
            PullRefusedError: they cannot be had in that time, or are not taken.
        """
        self._follow(reach, kept, within)

    def _tried(self, reach: Reach, listed: Listed) -> PullRefusedError | None:
        try:
            self._bring(reach, listed)
        except PullRefusedError as error:
            return error
        return None

    def _bring(self, reach: Reach, listed: Listed) -> None:
        services = self._services
        with services.database.reading() as session:
            kept = PartnerStatusLists(session).newest(listed.uri)
        if kept is None:
            self._begin(reach, listed.name, listed.uri, None)
        elif kept.region != reach.partner.region:
            raise PullRefusedError("uri-of-another-region", alarming=True)
        elif listed.sequence < kept.sequence:
            raise PullRefusedError("older", alarming=True)
        elif listed.sequence == kept.sequence:
            self._same(kept, listed)
        else:
            self._follow(reach, kept, None)

    def _same(self, kept: KeptList, listed: Listed) -> None:
        with self._services.database.reading() as session:
            head = PartnerStatusLists(session).head_of(kept)
        if head.sequence == listed.sequence and head.states_sm3.hex() != listed.states_sm3:
            raise PullRefusedError("split", alarming=True)
        self._checked(kept)

    def _follow(self, reach: Reach, kept: KeptList, within: float | None) -> None:
        """Bring a kept list to its newest: by its changes, or anew where they are not had."""
        path = f"{INDEX}/{kept.name}/changes?since={kept.sequence}"
        answer = reach.ask(path, longest=MAX_LIST_BYTES, within=within)
        if answer.status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            self._checked(kept)
        elif answer.is_ok:
            self._change(reach, kept, answer.body)
        elif within is None:
            self._begin(reach, kept.name, kept.uri, kept)
        else:
            raise PullRefusedError(f"status-{answer.status}")

    def _change(self, reach: Reach, kept: KeptList, encoded: bytes) -> None:
        with self._services.database.reading() as session:
            found = PartnerStatusLists(session).states_of(kept)
        if found.kept.sequence != kept.sequence:
            return  # another thread or node was faster
        try:
            changed = apply(found.held, read_status_changes(encoded))
        except SigningError as error:
            raise PullRefusedError(_code(error), alarming=True) from error
        self._keep(reach, kept.name, changed)

    def _begin(self, reach: Reach, name: str, uri: str, kept: KeptList | None) -> None:
        """Fetch the two whole files of a list; ``kept`` is what they must not be older than."""
        path = f"{INDEX}/{name}"
        plane = reach.get(path, longest=MAX_LIST_BYTES).body
        try:
            listed = read_status_list(plane)
            # Of the same publication, whatever was published between the two calls.
            path = f"{path}/reasons?sequence={listed.sequence}"
            why = read_status_reasons(reach.get(path, longest=MAX_LIST_BYTES).body)
            held = held_from(listed, why)
        except SigningError as error:
            raise PullRefusedError(_code(error), alarming=True) from error
        if held.head.uri != uri:
            raise PullRefusedError("another-list", alarming=True)
        if kept is not None and held.head.sequence < kept.sequence:
            raise PullRefusedError("older", alarming=True)
        self._check(reach, why.head)
        self._keep(reach, name, held)

    def _keep(self, reach: Reach, name: str, held: HeldStates) -> None:
        self._check(reach, held.head)
        services, region = self._services, reach.partner.region
        with services.database.writing() as session:
            writer = PartnerStatusListWriter(session)
            before = writer.newest(held.head.uri)
            if before is not None and before.sequence > held.head.sequence:
                return  # another thread or node was faster
            if before is not None and _is_split(writer.head_of(before), held.head):
                raise PullRefusedError("split", alarming=True)
            writer.keep(region, name, held, services.clock())

    def _check(self, reach: Reach, head: StatusFileHead) -> None:
        services = self._services
        problem = services.check_signer(reach.partner.region, head, services.clock())
        if problem is not None:
            raise PullRefusedError(problem, alarming=True)

    def _checked(self, kept: KeptList) -> None:
        services = self._services
        with services.database.writing() as session:
            PartnerStatusListWriter(session).checked(kept.uri, kept.sequence, services.clock())


def _is_split(kept: StatusFileHead, found: StatusFileHead) -> bool:
    """Say whether one sequence was shown with two states."""
    return kept.sequence == found.sequence and kept.states_sm3 != found.states_sm3


def read_index(body: bytes) -> tuple[Listed, ...]:
    """Return what a region's index of status lists names.

    Raises:
        PullRefusedError: "index-malformed": it is no such index, or names too many.
    """
    try:
        entries = json.loads(body)["lists"]
        found = tuple(_listed(entries[:MAX_LISTS]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PullRefusedError("index-malformed") from error
    if len(entries) > MAX_LISTS:
        raise PullRefusedError("index-malformed")
    return found


def _listed(entries: list[dict[str, object]]) -> Iterator[Listed]:
    for entry in entries:
        name, uri, digest = entry["name"], entry["uri"], entry["states_sm3"]
        sequence = entry["sequence"]
        if not (isinstance(name, str) and isinstance(uri, str) and isinstance(digest, str)):
            raise TypeError
        if type(sequence) is not int:
            raise TypeError
        # The name becomes part of an address that is called.
        if not _NAME.fullmatch(name):
            raise ValueError
        yield Listed(name, uri, sequence, digest)


def _code(error: SigningError) -> str:
    return str(getattr(error, "code", "unreadable"))
