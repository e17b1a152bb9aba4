"""Instants that callers name in a body: with an offset, and in UTC from here on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime
from pydantic_core import PydanticCustomError


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        # With its offset it lies before the first year, or after the last.
        raise PydanticCustomError("datetime_parsing", "beyond the calendar") from error


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
