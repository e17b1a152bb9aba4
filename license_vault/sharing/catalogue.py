"""The sharing catalogue (共享目录): which types and fields a region shares, for which uses. Pure.

A rule names items, operations and claim paths. What no rule names is not shared: the catalogue can
only be narrower than the grants, never wider.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from license_vault.issuing.request_reading import ObjectReader
from license_vault.sharing.reading import (
    ANY,
    CLAIM_PATH,
    ITEM_CODE,
    MOST,
    TYPE_CODE,
    Named,
    read_codes,
    read_entries,
    read_name,
)

SCHEMA: Final = "license-vault/sharing-catalogue/1"
OPERATIONS: Final = (
    "query-by-holder",
    "query-by-identifier",
    "metadata",
    "file",
    "copy",
    "check-file",
    "check-information",
    "status",
)
_OPERATION: Final = re.compile("|".join(map(re.escape, OPERATIONS)))


@dataclass(frozen=True, slots=True)
class SharingRule:
    """For some items ("*": all) some operations may have some fields (claim paths)."""

    items: tuple[str, ...]
    operations: tuple[str, ...]
    fields: tuple[str, ...]

    def is_for(self, item_code: str) -> bool:
        """Say whether the rule is about an item."""
        return ANY in self.items or item_code in self.items


@dataclass(frozen=True, slots=True)
class SharedType:
    """A license type with the rules by which it is shared."""

    type_code: str
    name: Named
    rules: tuple[SharingRule, ...]


@dataclass(frozen=True, slots=True)
class SharingCatalogue:
    """All that a region shares."""

    types: tuple[SharedType, ...]

    def fields_shared(
        self, type_code: str, item_code: str, operation: str | None = None
    ) -> tuple[str, ...]:
        """Return the claim paths that are shared for an item, in their order; none: nothing.

        Args:
            operation: of ``OPERATIONS``; None: by any of them.
        """
        rules = self._rules(type_code, item_code)
        wanted = (rule for rule in rules if operation is None or operation in rule.operations)
        return tuple(dict.fromkeys(path for rule in wanted for path in rule.fields))

    def operations_shared(self, type_code: str, item_code: str) -> tuple[str, ...]:
        """Return the operations that an item may use on licenses of a type."""
        rules = self._rules(type_code, item_code)
        return tuple(dict.fromkeys(name for rule in rules for name in rule.operations))

    def _rules(self, type_code: str, item_code: str) -> Iterator[SharingRule]:
        for shared in self.types:
            if shared.type_code == type_code:
                yield from (rule for rule in shared.rules if rule.is_for(item_code))

    def content(self) -> dict[str, Any]:
        """Return it as its document says it."""
        return {
            "types": [
                {
                    "type": shared.type_code,
                    "name": shared.name.to_json(),
                    "shared": [
                        {
                            "items": list(rule.items),
                            "operations": list(rule.operations),
                            "fields": list(rule.fields),
                        }
                        for rule in shared.rules
                    ],
                }
                for shared in self.types
            ]
        }


def read_catalogue(content: Mapping[str, Any]) -> SharingCatalogue:
    """Read the content of a catalogue.

    Raises:
        FieldInvalidError: with every problem, each with its JSON pointer.
    """
    twice = "同一证照类型只能出现一次。", "Each type must occur once."
    types = read_entries(content, "types", _type, lambda shared: shared.type_code, twice)
    return SharingCatalogue(types)


def _type(reader: ObjectReader) -> SharedType:
    code = reader.matching("type", TYPE_CODE, 21)
    name = read_name(reader, "name")
    rules = tuple(_rule(entry) for entry in reader.items("shared", MOST))
    reader.finish()
    return SharedType(code or "", name, rules)


def _rule(reader: ObjectReader) -> SharingRule:
    rule = SharingRule(
        items=read_codes(reader, "items", ITEM_CODE, ANY),
        operations=read_codes(reader, "operations", _OPERATION),
        fields=read_codes(reader, "fields", CLAIM_PATH),
    )
    reader.finish()
    return rule
