"""Errors about one member of a request's body, made to point at it.

Below, an unknown license type is just that. In the body of a request it is a
wrong value of ``/type_code``, and is answered like every other wrong value.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from api.errors import RequestInvalidError
from api.problems.state_words import in_words
from license_vault.errors import (
    FieldInvalidError,
    LicenseTypeNotPublishedError,
    LicenseTypeUnknownError,
)
from license_vault.face.errors import FaceError, face_problem


@contextmanager
def pointing_at_the_body(within: str = "") -> Iterator[None]:
    """Turn errors that are about one member into problems with its pointer.

    Args:
        within: the pointer of the request in the body; empty: it is the body.

    Raises:
        RequestInvalidError, FieldInvalidError: in place of each of them.
    """
    try:
        yield
    except FieldInvalidError as error:
        raise FieldInvalidError(
            tuple(replace(each, pointer=within + each.pointer) for each in error.problems)
        ) from error
    except LicenseTypeUnknownError as error:
        raise RequestInvalidError(
            f"{within}/type_code",
            "unknown-type",
            "目录中没有此证照类型或版本。",
            "The catalogue has no such license type or version.",
        ) from error
    except LicenseTypeNotPublishedError as error:
        zh, en = in_words("license-type-not-published", {"state": error.state})
        raise RequestInvalidError(
            f"{within}/type_code",
            "type-not-published",
            f"该证照类型为“{zh['state']}”，只有已发布的类型可以制证。",
            f"The license type is {en['state']}; only published ones issue.",
        ) from error
    except FaceError as error:
        problem = face_problem(error)
        if problem is None:
            raise
        at = replace(problem, pointer=within + problem.pointer)
        raise FieldInvalidError((at,)) from error
