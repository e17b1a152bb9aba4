"""What a holder consents to show: which licenses, which fields of each, for how many minutes.

Pure. Consent is given field by field; ``*`` is the whole license with its sealed files. What is
not named is not shown.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from license_vault.presenting.errors import PresentationInvalidError
from signing.sealed_json.presenting_receipt import MOST_LICENSES

WHOLE = "*"
LONGEST_MINUTES = 10
_MOST_FIELDS = 128
_LONGEST_FIELD = 128


@dataclass(frozen=True, slots=True)
class PresentingOrder:
    """Licenses by identifier, the claim paths of each that may be seen, and minutes to live.

    ``recipient`` and ``purpose`` are the holder's own words for whom and for what; they are kept
    for the holder and bind nobody. Who scanned, and for what, is in the receipt.
    """

    licenses: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]] = field(repr=False)
    minutes: int
    recipient: str = field(default="", repr=False)
    purpose: str = field(default="", repr=False)

    def shows_whole(self, identifier: str) -> bool:
        """Say whether a license was consented to as a whole, with its files."""
        return WHOLE in self.fields[identifier]


def check_order(order: PresentingOrder) -> None:
    """Check an order as far as it can be without looking at the licenses.

    Raises:
        PresentationInvalidError: "licenses", "consent-missing", "unknown-field" or "minutes".
    """
    if not 1 <= len(order.licenses) <= MOST_LICENSES:
        raise PresentationInvalidError("licenses", "/licenses")
    if len(set(order.licenses)) != len(order.licenses):
        raise PresentationInvalidError("licenses", "/licenses")
    if not 1 <= order.minutes <= LONGEST_MINUTES:
        raise PresentationInvalidError("minutes", "/minutes")
    for number, identifier in enumerate(order.licenses):
        if not order.fields.get(identifier):
            raise PresentationInvalidError("consent-missing", f"/licenses/{number}")
    for identifier, paths in order.fields.items():
        known = identifier in order.licenses
        if not known or len(paths) > _MOST_FIELDS or any(len(p) > _LONGEST_FIELD for p in paths):
            raise PresentationInvalidError("unknown-field", "/fields")


def shown_fields(
    order: PresentingOrder, identifier: str, printed: Mapping[str, str]
) -> dict[str, str]:
    """Return the printed texts of a license that an order consents to.

    Raises:
        PresentationInvalidError: "unknown-field": the license has no such field.
    """
    if order.shows_whole(identifier):
        return dict(printed)
    wanted = order.fields[identifier]
    if not printed.keys() >= set(wanted):
        raise PresentationInvalidError("unknown-field", "/fields")
    return {path: printed[path] for path in wanted}


def encoded(order: PresentingOrder, code: str) -> bytes:
    """Return order and code as they are kept, before encryption."""
    fields = {identifier: list(paths) for identifier, paths in order.fields.items()}
    kept = {
        "code": code,
        "licenses": list(order.licenses),
        "fields": fields,
        "minutes": order.minutes,
        "recipient": order.recipient,
        "purpose": order.purpose,
    }
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()


def decoded(data: bytes) -> tuple[PresentingOrder, str]:
    """Return what ``encoded`` wrote."""
    kept = json.loads(data)
    fields = {identifier: tuple(paths) for identifier, paths in kept["fields"].items()}
    order = PresentingOrder(
        licenses=tuple(kept["licenses"]),
        fields=fields,
        minutes=kept["minutes"],
        recipient=kept.get("recipient", ""),
        purpose=kept.get("purpose", ""),
    )
    return order, str(kept["code"])
