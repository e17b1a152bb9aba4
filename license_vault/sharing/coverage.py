"""Coverage of items × types: what an item needs, what the use list takes, what regions share.

For every type that an item needs or accepts it is said whether a license of it can stand in for
paper, region by region: whether the catalogue of the region shares all fields that the item needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from license_vault.cases.needs import ItemNeeds
from license_vault.database.sessions import Reading
from license_vault.sharing.catalogue import SharingCatalogue, read_catalogue
from license_vault.sharing.documents import SharingDocuments
from license_vault.sharing.maps import SharingMaps
from license_vault.sharing.reading import ANY
from license_vault.sharing.sharing import Sharing
from license_vault.sharing.use_list import AcceptedNeed, UseList
from signing.sealed_json.sharing_document import SharingKind


class CoverageState(StrEnum):
    """How far licenses of a type stand in for paper.

    COVERED: every region that counts shares what is needed; PARTLY: some do; NOT_SHARED: none does;
    NOT_LISTED: the item needs the type, and the use list does not take it.
    """

    COVERED = "covered"
    PARTLY = "partly"
    NOT_SHARED = "not-shared"
    NOT_LISTED = "not-listed"


@dataclass(frozen=True, slots=True)
class RegionCoverage:
    """One region: which needed fields it does not share, in our paths; none: all are."""

    region: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CoverageCell:
    """One type of one item."""

    type_code: str
    state: CoverageState
    regions: tuple[RegionCoverage, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the cell as JSON values."""
        return {
            "type": self.type_code,
            "state": self.state.value,
            "regions": [
                {"region": entry.region, "missing": list(entry.missing)} for entry in self.regions
            ],
        }


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One item with a cell for each type it needs or accepts, in the order of their codes."""

    item_code: str
    cells: tuple[CoverageCell, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is asked of every cell."""

    use_list: UseList
    maps: SharingMaps
    catalogues: dict[str, SharingCatalogue]


def coverage(session: Reading, region: str) -> tuple[CoverageRow, ...]:
    """Return a row for each item of the use list or with a definition, in the order of codes."""
    sharing, documents = Sharing(session, region), SharingDocuments(session)
    use_list, _ = sharing.use_list()
    catalogues = {
        code: read_catalogue(found.document.content)
        for code in documents.regions(SharingKind.CATALOGUE)
        if (found := documents.newest(code, SharingKind.CATALOGUE)) is not None
    }
    known = _Known(use_list or UseList(()), sharing.maps(), catalogues)
    items = ItemNeeds(session)
    needed = {code: items.get(code).item.types for code in items.codes()}
    listed = {item.code for item in known.use_list.items}
    return tuple(
        CoverageRow(code, tuple(_cells(known, code, needed.get(code, ()))))
        for code in sorted(listed | set(needed))
    )


def _cells(known: _Known, item_code: str, needed: tuple[str, ...]) -> Iterator[CoverageCell]:
    item = known.use_list.item(item_code)
    accepts = () if item is None else item.accepts
    accepted = {code for need in accepts for code in need.types}
    for type_code in sorted(accepted | set(needed)):
        needs = [need for need in accepts if type_code in need.types]
        yield _cell(known, item_code, type_code, needs)


def _cell(known: _Known, item_code: str, type_code: str, needs: list[AcceptedNeed]) -> CoverageCell:
    if not needs:
        return CoverageCell(type_code, CoverageState.NOT_LISTED, ())
    need = needs[0]
    regions = tuple(known.catalogues) if ANY in need.regions else need.regions
    found = tuple(
        RegionCoverage(region, _missing(known, (region, item_code, type_code), need))
        for region in sorted(regions)
    )
    whole = [not entry.missing for entry in found]
    state = CoverageState.PARTLY if any(whole) else CoverageState.NOT_SHARED
    if whole and all(whole):
        state = CoverageState.COVERED
    return CoverageCell(type_code, state, found)


def _missing(known: _Known, place: tuple[str, str, str], need: AcceptedNeed) -> tuple[str, ...]:
    region, item_code, type_code = place
    catalogue = known.catalogues.get(region)
    if catalogue is None:
        return need.fields
    theirs = catalogue.fields_shared(known.maps.their_type(region, type_code), item_code)
    return need.lacks(known.maps.own_fields(region, type_code, theirs))
