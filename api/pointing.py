"""Errors about one member of a request's body, made to point at it.

Below, an unknown license type is just that. In the body of a request it is a
wrong value of ``/type_code``, and is answered like every other wrong value.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from api.errors import RequestInvalidError
from license_vault.errors import (
    FieldInvalidError,
    LicenseTypeNotPublishedError,
    LicenseTypeUnknownError,
)
from license_vault.face.errors import (
    CharacterNotSettableError,
    FaceOverflowError,
    GlyphMissingError,
)


@contextmanager
def pointing_at_the_body(within: str = "") -> Iterator[None]:
    """Turn errors that are about one member into problems with its pointer.

    Args:
        within: the pointer of the request in the body; empty: it is the body.

    Raises:
        RequestInvalidError: in place of each of them.
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
        raise RequestInvalidError(
            f"{within}/type_code",
            "type-not-published",
            f"该证照类型为 {error.state}，只有已发布的类型可以制证。",
            f"The license type is {error.state}; only published ones issue.",
        ) from error
    except FaceOverflowError as error:
        raise RequestInvalidError(
            f"{within}{pointer_to(error.field)}",
            "does-not-fit",
            "内容在照面上放不下。",
            "This does not fit on the license's face.",
        ) from error
    except GlyphMissingError as error:
        raise RequestInvalidError(
            f"{within}{pointer_to(error.field)}",
            "character-missing",
            f"有字符不在已安装的字库中；请安装 {error.package}。",
            f"A character is in no installed font; install {error.package}.",
        ) from error
    except CharacterNotSettableError as error:
        raise RequestInvalidError(
            f"{within}{pointer_to(error.field)}",
            "character-not-settable",
            "含有不能排在照面上的字符（控制符、组合符、连字或空白字母）。",
            "This has a character no face is set with: a control, mark, ligature or filler.",
        ) from error


def pointer_to(path: str) -> str:
    """Return the JSON pointer of a claim's path such as holders.0.name or fields.address."""
    return "".join(f"/{part}" for part in path.split("."))
