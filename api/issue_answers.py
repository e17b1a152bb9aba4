"""What an answer says of licenses that were just issued: with their check codes, told here only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.license_models import license_values
from license_vault.check_code import grouped

if TYPE_CHECKING:
    from license_vault.issuing.issuance import IssuedLicense
    from license_vault.license_types.catalogue import Catalogue


def issued_values(catalogue: Catalogue, issued: IssuedLicense) -> dict[str, Any]:
    """Return what one license that was just issued looks like in an answer."""
    values = license_values(catalogue, issued.license)
    return {**values, "check_code": grouped(issued.check_code)}


def issued_set(catalogue: Catalogue, issued: IssuedLicense) -> dict[str, Any]:
    """Return what came of one request: the license, with the 副本 issued with it."""
    duplicates = [issued_values(catalogue, other) for other in issued.others]
    return {**issued_values(catalogue, issued), "duplicates": duplicates}
