"""Which form of a file a caller wants: by ``?form=``, else by ``Accept``, else the PDF.

Source: RFC 9110, 12.4.2 (weights) and 12.5.1 (Accept).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from api.errors import FormNotAvailableError, NotAcceptableError
from license_vault.vault import MEDIA_TYPES, PDF

_MAX_HEADER = 4096
_WEIGHT = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


def wanted_form(form: str | None, accept: str | None, there: Sequence[str]) -> str:
    """Return the form to hand out.

    Args:
        form: what the address asks for by name.
        accept: the header Accept; the best form wins, PDF before others of the same weight.
        there: the forms that the license has; at least one.

    Raises:
        FormNotAvailableError: the license has no such form, or there is no such form at all.
        NotAcceptableError: it has none of those that Accept names.
    """
    if form is not None:
        if form not in there:
            raise FormNotAvailableError(form if form in MEDIA_TYPES else "?")
        return form
    if accept is None or not accept.strip():
        return PDF if PDF in there else there[0]
    ranges = _ranges(accept[:_MAX_HEADER])
    weights = {name: _weight(MEDIA_TYPES[name], ranges) for name in there}
    best = max(weights.values())
    if best == 0:
        raise NotAcceptableError(", ".join(MEDIA_TYPES[name] for name in there))
    return next(name for name in there if weights[name] == best)


def _ranges(accept: str) -> list[tuple[str, float]]:
    """Return the media ranges of a header with their weights; what is none is passed over."""
    found = []
    for part in accept.split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                weight = float(value) if _WEIGHT.fullmatch(value.strip()) else 0.0
        if media.count("/") == 1:
            found.append((media.lower(), weight))
    return found


def _weight(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return the weight of a media type: that of the most specific range it lies in."""
    for pattern in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
        weights = [weight for media, weight in ranges if media == pattern]
        if weights:
            return max(weights)
    return 0.0
