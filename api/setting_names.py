"""Which variables there are; one of ours that is none of them is named, never passed over.

A misspelt LICENSE_VAULT_PUBLIC_URL that was passed over would leave the default in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from pydantic import BaseModel

from api.settings_checks import PREFIX

# Where the tests find genuine files from the field (ADR 0027); the service has no use for it.
NOT_SETTINGS = frozenset({f"{PREFIX}SAMPLES"})


def refused_names(model: type[BaseModel], present: Iterable[str]) -> dict[str, str]:
    """Return the names that are no setting, each with why: the nearest one there is.

    Args:
        present: names of variables in any case; those without our prefix are not looked at.
    """
    # A whole group may be given as JSON under its own name.
    known = frozenset(_names(model, PREFIX))
    ours = {name.upper() for name in present if name.upper().startswith(PREFIX)}
    return {name: _refusal(name, known) for name in sorted(ours - known - NOT_SETTINGS)}


def _names(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield f"{prefix}{name.upper()}"
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _names(inner, f"{prefix}{name.upper()}__")


def _refusal(name: str, known: frozenset[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1, cutoff=0)[0]
    return f"{name}: 没有这项设置，最接近的是 {near} (no such setting; the nearest is {near})"
