"""What lies on a clerk's desk: the item and case, and what the person before it has shown.

Kept with the browser (``api.pages.remembered``), so every form of /window goes on from it, and
nothing of it stands in an address. Of what was verified only what the clerk compares with the
person is kept; everything else stands in the receipts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any

from fastapi import Depends, Form, Request

from api.dependencies import ServicesDep
from api.pages.remembered import Remembered
from api.pages.visitor import ClerkDep

MEMORY = Remembered("window")
_MOST = 5  # of each kind: the newest; a browser keeps 4 KB
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Work:
    """What a clerk works on: an item by its code, a case by its number, the purpose."""

    item_code: str = ""
    case_number: str = field(default="", repr=False)
    purpose: str = field(default="", repr=False)

    @property
    def is_whole(self) -> bool:
        """Say whether it names all that a holder's code is resolved for."""
        return bool(self.item_code and self.case_number and self.purpose)


@dataclass(frozen=True, slots=True)
class Verified:
    """A license that was verified at this desk: its receipt, and what the person is compared by.

    ``undecided``: before an item was chosen, so nothing was decided for it.
    """

    receipt: str
    holders: str = field(repr=False)
    number: str = field(repr=False)
    valid_until: str = ""
    on_record: bool = False
    undecided: bool = False

    @classmethod
    def of(
        cls, receipt: str, report: Mapping[str, Any], on_record: bool, *, undecided: bool = False
    ) -> Verified:
        """Return it from a report; ``on_record``: the file was ours or a partner's own."""
        shown = report.get("license") or {}
        return cls(
            receipt,
            "、".join(shown.get("holders") or ())[:_LONGEST],
            (shown.get("number") or "")[:_LONGEST],
            shown.get("valid_until") or "",
            on_record,
            undecided,
        )


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk. ``case`` is the handle of the case, if it is one of this library.

    ``shown`` are numbers of presentations, ``filed`` of receipts that the case has. ``waiting`` are
    texts that were scanned before item and case were named: a holder's code is read for a case.
    """

    work: Work = Work()
    case: str = ""
    shown: tuple[str, ...] = ()
    verified: tuple[Verified, ...] = ()
    filed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Desk:
        """Return what ``written`` wrote; an empty desk where it cannot be read."""
        try:
            return cls(
                Work(**kept["work"]),
                kept["case"],
                tuple(kept["shown"]),
                tuple(Verified(**one) for one in kept["verified"]),
                tuple(kept["filed"]),
                tuple(kept["waiting"]),
            )
        except (KeyError, TypeError):
            return cls()

    def written(self) -> dict[str, Any]:
        """Return the desk as JSON values."""
        return asdict(self)

    @property
    def receipts(self) -> tuple[str, ...]:
        """Return the numbers of all receipts that lie here."""
        return (*self.shown, *(one.receipt for one in self.verified))

    def of_work(self, work: Work, case: str) -> Desk:
        """Return it for a work: the same desk if it is the same, else an empty one.

        What was scanned before item and case were named was scanned for the ones named now.
        """
        named = (work.item_code, work.case_number) == (self.work.item_code, self.work.case_number)
        if named or not self.work.is_whole:
            return replace(self, work=work, case=case)
        return Desk(work, case)

    def with_shown(self, presentation: str) -> Desk:
        """Return it with one more presentation."""
        others = tuple(one for one in self.shown if one != presentation)
        return replace(self, shown=(*others, presentation)[-_MOST:])

    def with_verified(self, verified: Verified) -> Desk:
        """Return it with one more license that was verified."""
        return replace(self, verified=(*self.verified, verified)[-_MOST:])

    def with_waiting(self, text: str) -> Desk:
        """Return it with one more text that waits for item and case."""
        others = tuple(one for one in self.waiting if one != text)
        return replace(self, waiting=(*others, text)[-_MOST:])

    def without_waiting(self) -> Desk:
        """Return it with nothing waiting, and without what is verified anew for the item."""
        kept = tuple(one for one in self.verified if not (one.undecided and one.on_record))
        return replace(self, waiting=(), verified=kept)

    def next_person(self) -> Desk:
        """Return it for the next person: item and purpose stay, the case does not."""
        return Desk(replace(self.work, case_number=""))


def desk_of(request: Request, services: ServicesDep, visitor: ClerkDep) -> Desk:
    """Return what lies on the desk."""
    return Desk.read(MEMORY.read(request, services, visitor))


def work_of(
    item_code: Annotated[str, Form(max_length=64)] = "",
    case_number: Annotated[str, Form(max_length=64)] = "",
    purpose: Annotated[str, Form(max_length=100)] = "",
) -> Work:
    """Return what a form says is worked on."""
    return Work(item_code, case_number.strip(), purpose.strip())


DeskDep = Annotated[Desk, Depends(desk_of)]
WorkDep = Annotated[Work, Depends(work_of)]
