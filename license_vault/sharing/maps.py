"""Maps between regions: a partner's type codes and claim paths, and ours for the same. Pure.

What is not mapped means the same here as there: national codes need no map.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import rfc8785

from license_vault.issuing.request_reading import ObjectReader
from license_vault.sharing.reading import CLAIM_PATH, MOST, REGION, TYPE_CODE, read_entries

SCHEMA: Final = "license-vault/sharing-maps/1"


@dataclass(frozen=True, slots=True)
class PartnerMap:
    """How one partner's codes are ours: types by code, fields by (our type, their path)."""

    region: str
    types: Mapping[str, str]
    fields: Mapping[tuple[str, str], str]

    def moves(self, own_type: str) -> dict[str, str]:
        """Return where values of a license of our type go: our path by theirs."""
        return {
            theirs: ours
            for (kind, theirs), ours in self.fields.items()
            if kind == own_type and theirs != ours
        }


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

    def own_claims(self, region: str, own_type: str, claims: bytes) -> bytes:
        """Return a license's claims with its values where ours have them; canonical bytes.

        Only values of mapped paths move, and a mapped one wins over what stood there: the map
        says what ours is. Type and authority stay as the license names them, unless mapped.

        Args:
            own_type: the license's type, ours already.
            claims: canonical bytes; untouched where nothing of this type is mapped.
        """
        found = self._of(region)
        moves = {} if found is None else found.moves(own_type)
        if not moves:
            return claims
        said: dict[str, Any] = json.loads(claims)
        taken = [(ours, _taken(said, theirs)) for theirs, ours in moves.items()]
        for ours, value in taken:
            if value is not None:
                _put(said, ours, value)
        mapped: bytes = rfc8785.dumps(said)
        return mapped

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


def _taken(said: dict[str, Any], path: str) -> object:
    """Take what stands at a claim path out, None if nothing does."""
    parent, name = _parent(said, path)
    return None if parent is None else parent.pop(name, None)


def _put(said: dict[str, Any], path: str, value: object) -> None:
    """Let a value stand at a claim path, if there is what it is a member of."""
    parent, name = _parent(said, path)
    if parent is not None:
        parent[name] = value


def _parent(said: dict[str, Any], path: str) -> tuple[dict[str, Any] | None, str]:
    """Return the object that a claim path names a member of, and the member's name."""
    *above, name = path.split("/")[1:]
    found: Any = said
    for part in above:
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list) and int(part) < len(found):
            found = found[int(part)]
        else:
            return None, name
    return (found if isinstance(found, dict) else None), name


_TWICE: Final = ("twice", "同一代码只能对应一次。", "Each code may correspond once.")


def _entries(reader: ObjectReader, member: str) -> tuple[ObjectReader, ...]:
    """Return the readers of a list of objects, which may be empty or missing."""
    if reader.peek(member) in (None, []):
        return ()
    return tuple(reader.items(member, MOST))
