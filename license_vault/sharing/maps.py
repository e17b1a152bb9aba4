"""Maps between regions: a partner's type codes and claim paths, and ours for the same. Pure.

What is not mapped means the same here as there: national codes need no map.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from license_vault.issuing.request_reading import ObjectReader
from license_vault.sharing.reading import CLAIM_PATH, MOST, REGION, TYPE_CODE, read_entries

SCHEMA: Final = "license-vault/sharing-maps/1"


@dataclass(frozen=True, slots=True)
class PartnerMap:
    """How one partner's codes are ours: types by code, fields by (our type, their path)."""

    region: str
    types: Mapping[str, str]
    fields: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class SharingMaps:
    """The maps of all partners."""

    partners: tuple[PartnerMap, ...]

    def own_type(self, region: str, type_code: str) -> str:
        """Return our type code for a region's; the same one where nothing is mapped."""
        found = self._of(region)
        return type_code if found is None else found.types.get(type_code, type_code)

    def their_type(self, region: str, type_code: str) -> str:
        """Return a region's type code for ours; the same one where nothing is mapped."""
        found = self._of(region)
        reverse = {} if found is None else {ours: theirs for theirs, ours in found.types.items()}
        return reverse.get(type_code, type_code)

    def own_fields(self, region: str, own_type: str, paths: Collection[str]) -> frozenset[str]:
        """Return our claim paths for a region's, of a license whose type is ours already."""
        found = self._of(region)
        if found is None:
            return frozenset(paths)
        return frozenset(found.fields.get((own_type, path), path) for path in paths)

    def _of(self, region: str) -> PartnerMap | None:
        return next((entry for entry in self.partners if entry.region == region), None)

    def content(self) -> dict[str, Any]:
        """Return them as their document says them."""
        return {
            "partners": [
                {
                    "region": entry.region,
                    "types": [{"theirs": a, "ours": b} for a, b in entry.types.items()],
                    "fields": [
                        {"type": kind, "theirs": a, "ours": b}
                        for (kind, a), b in entry.fields.items()
                    ],
                }
                for entry in self.partners
            ]
        }


NO_MAPS: Final = SharingMaps(())


def read_maps(content: Mapping[str, Any]) -> SharingMaps:
    """Read the content of maps.

    Raises:
        FieldInvalidError: with every problem, each with its JSON pointer.
    """
    twice = "同一地区只能出现一次。", "Each region must occur once."
    return SharingMaps(read_entries(content, "partners", _partner, lambda one: one.region, twice))


def _partner(reader: ObjectReader) -> PartnerMap:
    region = reader.matching("region", REGION, 6)
    types: dict[str, str] = {}
    for entry in _entries(reader, "types"):
        theirs, ours = (
            entry.matching("theirs", TYPE_CODE, 21),
            entry.matching("ours", TYPE_CODE, 21),
        )
        entry.finish()
        if theirs in types or ours in types.values():
            entry.problem("theirs", _TWICE)
        types[theirs or ""] = ours or ""
    fields: dict[tuple[str, str], str] = {}
    for entry in _entries(reader, "fields"):
        kind = entry.matching("type", TYPE_CODE, 21)
        theirs, ours = (
            entry.matching("theirs", CLAIM_PATH, 96),
            entry.matching("ours", CLAIM_PATH, 96),
        )
        entry.finish()
        if (kind, theirs) in fields:
            entry.problem("theirs", _TWICE)
        fields[kind or "", theirs or ""] = ours or ""
    reader.finish()
    return PartnerMap(region or "", types, fields)


_TWICE: Final = ("twice", "同一代码只能对应一次。", "Each code may correspond once.")


def _entries(reader: ObjectReader, member: str) -> tuple[ObjectReader, ...]:
    """Return the readers of a list of objects, which may be empty or missing."""
    if reader.peek(member) in (None, []):
        return ()
    return tuple(reader.items(member, MOST))
