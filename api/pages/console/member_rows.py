"""Rows of a form: the conditions of a license, and the parts of a composite one (一业一证).

A row that is empty is none; there are always some empty ones, since a page without scripts
cannot add any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from license_vault.claims_schema import MAXIMUM_CONDITIONS, MAXIMUM_PARTS
from license_vault.license import LONG_TERM

CONDITION = ("text", "due")
PART = ("code", "name", "number", "authority_code", "valid_from", "valid_until")
_PART_TYPED = ("number", "authority_code", "valid_from", "valid_until")
_EMPTY_ROWS = 3


def condition_rows(request: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    """Return the rows of the conditions: those that are there, and empty ones."""
    rows = (*_told(request.get("conditions"), CONDITION), *_empty(CONDITION))
    return rows[:MAXIMUM_CONDITIONS]


def part_rows(request: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    """Return the rows of the parts: those that are there, and empty ones."""
    return (*_told(request.get("parts"), PART), *_empty(PART))[:MAXIMUM_PARTS]


def _told(given: object, names: tuple[str, ...]) -> Iterator[dict[str, str]]:
    for each in given if isinstance(given, list) else ():
        if isinstance(each, Mapping):
            yield {name: str(each.get(name, "")) for name in names}


def _empty(names: tuple[str, ...]) -> Iterator[dict[str, str]]:
    for _ in range(_EMPTY_ROWS):
        yield dict.fromkeys(names, "")


def conditions_in(told: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the conditions of the rows in which anything was typed."""
    rows = (
        {name: told.get(f"condition.{index}.{name}", "").strip() for name in CONDITION}
        for index in range(MAXIMUM_CONDITIONS)
    )
    return [row for row in rows if any(row.values())]


def has_parts(told: Mapping[str, str]) -> bool:
    """Tell whether a form has rows of parts."""
    return any(name.startswith("part.") for name in told)


def parts_in(told: Mapping[str, str], authority_code: str) -> list[dict[str, str]]:
    """Return the parts of the rows in which anything was typed and that are not struck out.

    Args:
        told: ``part.N.kind`` is the code and, after a space, the name of its kind.
        authority_code: whose part it is where the row names nobody.
    """
    rows = (_part(told, f"part.{index}.") for index in range(MAXIMUM_PARTS))
    return [
        {**row, "authority_code": row["authority_code"] or authority_code}
        for row in rows
        if any(row.values())
    ]


def _part(told: Mapping[str, str], at: str) -> dict[str, str]:
    """Return one row; of one that is struck out nothing."""
    if told.get(f"{at}gone"):
        return dict.fromkeys(PART, "")
    code, _, name = told.get(f"{at}kind", "").strip().partition(" ")
    row = {"code": code, "name": name}
    row |= {each: told.get(f"{at}{each}", "").strip() for each in _PART_TYPED}
    row["authority_code"] = row["authority_code"].upper()
    if told.get(f"{at}long_term"):
        row["valid_until"] = LONG_TERM
    return row
