"""The fields of a license that a holder consents to show, as a person reads them. Pure.

The receipt has them by claim paths (``printed_values``); a whole license also has each item of a
list and each holder by itself, which would say the same twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_COMMON: Final = {
    "number": ("证照编号", "Number"),
    "validity": ("有效期", "Validity"),
    "valid_from": ("有效期自", "Valid from"),
    "valid_until": ("有效期至", "Valid until"),
    "issued_on": ("颁发日期", "Issued on"),
    "copy": ("正副本", "Copy"),
}
_NOTES: Final = {
    "parts": ("所含证照", "Parts"),
    "making": ("制作说明", "Making"),
    "predecessor": ("原证照", "Former license"),
}
_GLANCE: Final = 60
_DAYS: Final = re.compile(r"(?:\d{4}年\d{2}月\d{2}日|长期|至)+")
_ENGLISH: Final = (("年", "-"), ("月", "-"), ("日", ""), ("至", " to "), ("长期", "no end"))
_COPIES: Final = {"正本": "original", "副本": "duplicate"}
_CONDITION = ("所附条件", "Condition")
_DOCUMENT = ("证件号码", "Document number")


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field: its name in both languages, and its text."""

    name: Mapping[str, str]
    text: str = field(repr=False)

    @property
    def told(self) -> Mapping[str, str]:
        """Return the text as printed; for English eyes, days and kinds of copy are in English."""
        text = _COPIES.get(self.text, self.text)
        if _DAYS.fullmatch(text):
            for zh, en in _ENGLISH:
                text = text.replace(zh, en)
        return {"zh": self.text, "en": text}

    @property
    def brief(self) -> bool:
        """Say whether it is short enough to be read at a glance."""
        return len(self.text) <= _GLANCE


def holder_in(fields: Mapping[str, str]) -> str:
    """Return the name of whose license it is; "" where showing it was not consented to."""
    alone = [text for path, text in sorted(fields.items()) if _is_holders(path, "name")]
    return fields.get("holders.name") or "、".join(alone)


def shown_fields(
    fields: Mapping[str, str], kind: Mapping[str, Any] | None
) -> tuple[ShownField, ...]:
    """Return the fields to show, beside the holder's name, in the order people look for them.

    Args:
        fields: printed texts by claim path.
        kind: the license type as the API gives it, None if it is not known any more.
    """
    return tuple(
        ShownField({"zh": name[0], "en": name[1]}, text)
        for name, text in _rows(fields, kind)
        if text
    )


def _rows(
    fields: Mapping[str, str], kind: Mapping[str, Any] | None
) -> Iterator[tuple[tuple[str, str], str]]:
    yield from (
        (_DOCUMENT, fields[path]) for path in fields if _is_holders(path, "document_number")
    )
    validity = {"valid_from", "valid_until"} if "validity" in fields else set[str]()
    yield from (
        (_COMMON[path], fields[path]) for path in _COMMON if path in fields.keys() - validity
    )
    yield from _own_rows(fields, kind)
    yield from ((_NOTES[path], fields[path]) for path in _NOTES if path in fields)
    yield from ((_CONDITION, fields[path]) for path in fields if path.startswith("conditions."))


def _own_rows(
    fields: Mapping[str, str], kind: Mapping[str, Any] | None
) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the fields that the license type has for itself."""
    specs = () if kind is None else kind["fields"]
    names = {spec["key"]: (spec["name"]["zh"], spec["name"]["en"]) for spec in specs}
    for path, text in fields.items():
        if path.startswith("fields.") and not _is_in_a_list(path, fields):
            yield _name_of(path, names), text


def _name_of(path: str, names: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Return the name of a field; what is inside another one is named by that and its own key."""
    key, *inner = path.split(".")[1:]
    zh, en = names.get(key, (key, key))
    tail = "".join(f" · {part}" for part in inner)
    return zh + tail, en + tail


def _is_in_a_list(path: str, fields: Mapping[str, str]) -> bool:
    head, _, last = path.rpartition(".")
    return last.isdigit() and head in fields


def _is_holders(path: str, member: str) -> bool:
    parts = path.split(".")
    return len(parts) == 3 and parts[0] == "holders" and parts[2] == member
