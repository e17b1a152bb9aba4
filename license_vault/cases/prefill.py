"""Fill an item's form from the licenses that are shown, each value with where it came from.

Pure. Of several licenses that meet a need the first type that the item names counts, and of one
type the first that was given. A value that no license has is missing, never guessed.

A license of a partner region counts when it was decided 可免交 for the item; one that needs paper
or a person is told with its reasons, and fills nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from license_vault.cases.case import CaseHolder
from license_vault.cases.item_definition import (
    FormField,
    ItemDefinition,
    Need,
    value_at,
)
from license_vault.errors import IdentifierInvalidError
from license_vault.license_identifier import parse

LIST_SEPARATOR: Final = "、"
NOT_FOUND, NOT_GRANTED, NOT_STATED = "not-found", "access-not-granted", "not-stated"
TO_SUBMIT, MANUAL = "to-submit", "manual"
_WAIVED, _BY_A_PERSON = "waived", "manual"


def version_of(identifier: str) -> str:
    """Return the three digits of the version in an identifier; "" if it is none of ours."""
    try:
        return f"{parse(identifier).version:03d}"
    except IdentifierInvalidError:
        return ""


@dataclass(frozen=True)
class ShownLicense:
    """A license that stands for a need: from the holder's vault, or a file that was brought.

    ``document`` is the handle of the file in the case, "" from the vault; ``claims`` are canonical
    bytes. Of a license of a partner region type and claims are in our codes, ``region`` names it,
    and ``decision`` is the one for the item, as JSON values; of our own "" and None.
    """

    identifier: str
    type_code: str
    verdict: str
    as_of: str
    document: str
    claims: bytes = field(repr=False)
    region: str = ""
    decision: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def version(self) -> str:
        """Return the three digits of the version in the identifier."""
        return version_of(self.identifier)

    @property
    def counts(self) -> bool:
        """Say whether it meets a need: our own always, a partner's when no paper is needed."""
        if self.decision is None:
            return not self.region
        return bool(self.decision["outcome"] == _WAIVED)

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """Return the claims, parsed."""
        parsed: Mapping[str, Any] = json.loads(self.claims)
        return parsed

    def as_json(self) -> dict[str, str]:
        """Return which license it is, and what was found of it when."""
        return {
            "license": self.identifier,
            "version": self.version,
            "type_code": self.type_code,
            "verdict": self.verdict,
            "as_of": self.as_of,
            **({"document": self.document} if self.document else {}),
            **({"region": self.region} if self.region else {}),
        }


@dataclass(frozen=True, slots=True)
class MetNeed:
    """A need with the license that meets it; None: ``reason`` says why there is none.

    ``decided`` are licenses of partner regions with their decisions: the one that meets it, or
    those that do not.
    """

    need: Need
    license: ShownLicense | None
    reason: str = ""
    decided: tuple[ShownLicense, ...] = ()


@dataclass(frozen=True, slots=True)
class FilledField:
    """A field of the form with its value; None: ``reason`` says why it is missing.

    ``source`` names the license and the path of the value, or that the case itself said it.
    """

    field: FormField
    value: str | None
    license: ShownLicense | None
    path: str
    reason: str = ""

    @property
    def source(self) -> dict[str, str] | None:
        """Return where the value came from."""
        if self.value is None:
            return None
        if self.license is None:
            return {"case": self.path}
        return {**self.license.as_json(), "path": self.path}


@dataclass(frozen=True, slots=True)
class FilledForm:
    """A form as far as it could be filled."""

    needs: tuple[MetNeed, ...]
    fields: tuple[FilledField, ...]

    @property
    def have(self) -> int:
        """Return how many needs are met."""
        return sum(met.license is not None for met in self.needs)

    @property
    def missing(self) -> tuple[FilledField, ...]:
        """Return the required fields without a value."""
        return tuple(f for f in self.fields if f.value is None and f.field.required)


def meet_needs(
    item: ItemDefinition, shown: Sequence[ShownLicense], withheld: frozenset[str]
) -> tuple[MetNeed, ...]:
    """Return each need with the license that meets it.

    Args:
        withheld: types of licenses that are there and may not be used.
    """
    return tuple(_met(need, shown, withheld) for need in item.needs)


def _met(need: Need, shown: Sequence[ShownLicense], withheld: frozenset[str]) -> MetNeed:
    fitting = [one for code in need.types for one in shown if one.type_code == code]
    counting = next((one for one in fitting if one.counts), None)
    if counting is not None:
        return MetNeed(need, counting, decided=() if counting.decision is None else (counting,))
    return MetNeed(need, None, _why_unmet(need, fitting, withheld), tuple(fitting))


def _why_unmet(need: Need, decided: Sequence[ShownLicense], withheld: frozenset[str]) -> str:
    """Return why no license meets a need; what a person may settle is told first."""
    outcomes = {one.decision["outcome"] for one in decided if one.decision is not None}
    if _BY_A_PERSON in outcomes:
        return MANUAL
    if withheld & set(need.types):
        return NOT_GRANTED
    return TO_SUBMIT if outcomes else NOT_FOUND


def fill(
    item: ItemDefinition, holders: Sequence[CaseHolder], needs: tuple[MetNeed, ...]
) -> FilledForm:
    """Return the form of an item, filled from the licenses that meet its needs."""
    used = {met.license.type_code: met.license for met in needs if met.license}
    facts = {
        "holders": [
            {
                "name": holder.name,
                "document_type": holder.document_type,
                "document_number": holder.document_number,
            }
            for holder in holders
        ]
    }
    return FilledForm(needs, tuple(_filled(field, used, facts) for field in item.form))


def _filled(
    form_field: FormField, used: Mapping[str, ShownLicense], facts: Mapping[str, Any]
) -> FilledField:
    for source in form_field.sources:
        license_ = used.get(source.type_code)
        if source.type_code and license_ is None:
            continue
        value = printed(value_at(facts if license_ is None else license_.values, source.path))
        if value:
            return FilledField(form_field, value, license_, source.path)
    reason = NOT_FOUND if form_field.sources else NOT_STATED
    return FilledField(form_field, None, None, "", reason)


def printed(value: object) -> str | None:
    """Return a claim as a form shows it: a text, or a list of texts joined; None if it is none."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return LIST_SEPARATOR.join(value)
    return None
