"""The published JSON Schemas of what this service signs: GET /schemas/NAME. Public.

The same files stand in docs/schemas; a test compares them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Response

from api.documentation import problems, tagged_answers
from api.errors import PageNotFoundError
from api.headers import tagged_by_content

router = APIRouter(prefix="/schemas", tags=["schemas"])

SCHEMA_TYPE = "application/schema+json"
_FOLDER = Path(__file__).parent / "static" / "schemas"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}\.json", re.ASCII)


@router.get(
    "/{file_name}",
    summary="A published JSON Schema · JSON 模式",
    response_class=Response,
    responses=problems("page-not-found") | tagged_answers(SCHEMA_TYPE),
)
def published_schema(
    file_name: str, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Return a schema, as verification-receipt-1.json."""
    file = _FOLDER / file_name
    if not _NAME.fullmatch(file_name) or not file.is_file():
        raise PageNotFoundError
    return tagged_by_content(file.read_bytes(), SCHEMA_TYPE, if_none_match, "public, max-age=86400")
