"""Members of an answer, each of the type that it must have; whatever is not raises."""

from collections.abc import Mapping
from typing import Any

from license_vault.client.errors import AnswerUnreadableError


def text_in(value: Mapping[str, Any], name: str) -> str:
    """Return a text. Raises AnswerUnreadableError if it is none."""
    found = value.get(name)
    if not isinstance(found, str):
        raise AnswerUnreadableError(f"/{name}")
    return found


def optional_text(value: Mapping[str, Any], name: str) -> str | None:
    """Return a text, None where there is none or null."""
    return None if value.get(name) is None else text_in(value, name)


def number_in(value: Mapping[str, Any], name: str) -> int:
    """Return a whole number. Raises AnswerUnreadableError if it is none."""
    found = value.get(name)
    if type(found) is not int:
        raise AnswerUnreadableError(f"/{name}")
    return found


def object_in(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an object. Raises AnswerUnreadableError if it is none."""
    found = value.get(name)
    if not isinstance(found, dict):
        raise AnswerUnreadableError(f"/{name}")
    return found


def objects_in(value: Mapping[str, Any], name: str) -> tuple[Mapping[str, Any], ...]:
    """Return the objects of a list. Raises AnswerUnreadableError for anything else."""
    found = value.get(name)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise AnswerUnreadableError(f"/{name}")
    return tuple(found)


def texts_in(value: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return the texts of a list. Raises AnswerUnreadableError for anything else."""
    found = value.get(name)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise AnswerUnreadableError(f"/{name}")
    return tuple(found)
