"""The use list (用证清单): for which item which licenses are accepted instead of paper. Pure.

An item has needs; each says which types count, of which regions, and which fields they must have.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from license_vault.issuing.request_reading import ObjectReader
from license_vault.sharing.reading import (
    ANY,
    CLAIM_PATH,
    ITEM_CODE,
    MOST,
    REGION,
    TYPE_CODE,
    Named,
    read_codes,
    read_entries,
    read_name,
)

SCHEMA: Final = "license-vault/use-list/1"
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")


class ListWord(StrEnum):
    """What a use list says of a license for an item."""

    LISTED = "listed"
    TYPE_NOT_LISTED = "type-not-listed"
    REGION_NOT_LISTED = "region-not-listed"
    FIELD_MISSING = "field-missing"
    ITEM_UNKNOWN = "item-unknown"
    NO_USE_LIST = "no-use-list"
    TYPE_UNKNOWN = "type-unknown"


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """The word, and which field or type it is about; ``version`` 0: there is no list."""

    word: ListWord
    detail: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class LicenseShown:
    """What of a license a use list asks: its type here, its region, the claim paths it has.

    ``fields`` None: they are not asked.
    """

    type_code: str
    region: str
    fields: Collection[str] | None


@dataclass(frozen=True, slots=True)
class AcceptedNeed:
    """A need of an item: any one of some types, of some regions ("*": all), with some fields."""

    key: str
    name: Named
    types: tuple[str, ...]
    regions: tuple[str, ...]
    fields: tuple[str, ...]

    def takes_region(self, region: str) -> bool:
        """Say whether licenses of a region count."""
        return ANY in self.regions or region in self.regions

    def lacks(self, fields: Collection[str] | None) -> tuple[str, ...]:
        """Return the claim paths that it needs and a license has not."""
        return () if fields is None else tuple(path for path in self.fields if path not in fields)


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An item with what it accepts instead of paper."""

    code: str
    name: Named
    accepts: tuple[AcceptedNeed, ...]


@dataclass(frozen=True, slots=True)
class UseList:
    """All items of a region."""

    items: tuple[ListedItem, ...]

    def item(self, code: str) -> ListedItem | None:
        """Return an item, None if the list has none of that code."""
        return next((item for item in self.items if item.code == code), None)

    def ask(self, item_code: str, shown: LicenseShown) -> ListAnswer:
        """Say what the list says of a license for an item."""
        item = self.item(item_code)
        if item is None:
            return ListAnswer(ListWord.ITEM_UNKNOWN)
        if not shown.type_code:
            return ListAnswer(ListWord.TYPE_UNKNOWN)
        typed = [need for need in item.accepts if shown.type_code in need.types]
        if not typed:
            return ListAnswer(ListWord.TYPE_NOT_LISTED, shown.type_code)
        placed = [need for need in typed if need.takes_region(shown.region)]
        if not placed:
            return ListAnswer(ListWord.REGION_NOT_LISTED, shown.region)
        lacks = [need.lacks(shown.fields) for need in placed]
        if all(lacks):
            return ListAnswer(ListWord.FIELD_MISSING, lacks[0][0])
        return ListAnswer(ListWord.LISTED)

    def content(self) -> dict[str, Any]:
        """Return it as its document says it."""
        return {
            "items": [
                {
                    "item": item.code,
                    "name": item.name.to_json(),
                    "accepts": [
                        {
                            "key": need.key,
                            "name": need.name.to_json(),
                            "types": list(need.types),
                            "regions": list(need.regions),
                            "fields": list(need.fields),
                        }
                        for need in item.accepts
                    ],
                }
                for item in self.items
            ]
        }


def read_use_list(content: Mapping[str, Any]) -> UseList:
    """Read the content of a use list.

    Raises:
        FieldInvalidError: with every problem, each with its JSON pointer.
    """
    twice = "同一事项只能出现一次。", "Each item must occur once."
    return UseList(read_entries(content, "items", _item, lambda item: item.code, twice))


def _item(reader: ObjectReader) -> ListedItem:
    code = reader.matching("item", ITEM_CODE, 64)
    name = read_name(reader, "name")
    accepts = tuple(_need(entry) for entry in reader.items("accepts", MOST))
    reader.finish()
    return ListedItem(code or "", name, accepts)


def _need(reader: ObjectReader) -> AcceptedNeed:
    need = AcceptedNeed(
        key=reader.matching("key", _KEY, 64) or "",
        name=read_name(reader, "name"),
        types=read_codes(reader, "types", TYPE_CODE),
        regions=read_codes(reader, "regions", REGION, ANY),
        fields=read_codes(reader, "fields", CLAIM_PATH),
    )
    reader.finish()
    return need
