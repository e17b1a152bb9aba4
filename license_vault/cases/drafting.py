"""The request to issue that a case already answers: its holders, its form, its decision.

Pure. What nobody has said yet is left empty, for the officer to fill in.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from license_vault.cases.case import CaseHolder, OpenCase
from license_vault.cases.prefill import LIST_SEPARATOR, FilledField
from license_vault.license import HolderKind, document_fits
from license_vault.license_types.license_type import FieldKind, LicenseType


def drafted_request(
    case: OpenCase, fields: Sequence[FilledField], license_type: LicenseType, basis: str
) -> dict[str, Any]:
    """Return a request to issue as far as a case fills it.

    Args:
        fields: of the case's form, as it was filled now.
        basis: the grounds of the decision; "" before it.

    Returns:
        The body of POST /v1/licenses; what is not known is "" or missing.
    """
    kinds = tuple(HolderKind(kind) for kind in license_type.holder.kinds)
    draft: dict[str, Any] = {
        "type_code": license_type.code,
        "authority_code": case.record.organisation_code,
        "case_number": case.number,
        "item_code": case.definition.item.code,
        "number": "",
        "holders": [_holder(holder, kinds) for holder in case.holders],
        "valid_from": "",
        "valid_until": "",
        "fields": {},
        "basis": basis,
    }
    for filled in fields:
        if filled.value is not None and filled.field.fills:
            _put(draft, filled.field.fills, filled.value, license_type)
    return draft


def _holder(holder: CaseHolder, kinds: Sequence[HolderKind]) -> dict[str, str]:
    fitting = (kind for kind in kinds if document_fits(kind, holder.document_type))
    return {
        "kind": str(next(fitting, kinds[0])),
        "name": holder.name,
        "document_type": holder.document_type,
        "document_number": holder.document_number,
    }


def _put(draft: dict[str, Any], path: str, value: str, license_type: LicenseType) -> None:
    """Set a value where its path points; one that points nowhere in this type is left out."""
    *way, last = path.strip("/").split("/")
    if way == ["fields"]:
        spec = license_type.field(last)
        if spec is not None and spec.kind is not FieldKind.RECORDS:
            listed = spec.kind is FieldKind.LIST
            draft["fields"][last] = value.split(LIST_SEPARATOR) if listed else value
        return
    place: Any = draft
    for name in way:
        place = _inner(place, name)
    if isinstance(place, dict) and last in place:
        place[last] = value


def _inner(place: Any, name: str) -> Any:
    if isinstance(place, Mapping):
        return place.get(name)
    if isinstance(place, list) and name.isdigit() and int(name) < len(place):
        return place[int(name)]
    return None
