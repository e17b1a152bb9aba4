"""A browser shows an answer only after it has sent its form: too large a one is read to the end."""

import asyncio
from collections.abc import Mapping

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message

from api.limits import DRAINED_BYTES, BodyLimit

PAGE = {"accept": "text/html,*/*"}
PROGRAM = {"accept": "application/json"}


def read_before_the_answer(headers: Mapping[str, str], body: int, chunk: int) -> int:
    """Return how many bytes of a body were read when the refusal began."""
    read, at_answer = 0, 0

    async def receive() -> Message:
        nonlocal read
        size = min(chunk, body - read)
        read += size
        return {"type": "http.request", "body": b"x" * size, "more_body": read < body}

    async def send(message: Message) -> None:
        nonlocal at_answer
        if message["type"] == "http.response.start":
            assert message["status"] == 413
            at_answer = read

    async def never(*_: object) -> None:
        raise AssertionError

    def answer(*_: object) -> PlainTextResponse:
        return PlainTextResponse("too large", 413)

    said = {**headers, "content-length": str(body)}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/verify",
        "headers": [(name.encode(), value.encode()) for name, value in said.items()],
    }
    asyncio.run(BodyLimit(never, 10, 10, 10, answer)(scope, receive, send))
    return at_answer


@pytest.mark.parametrize(
    ("headers", "body", "read"),
    [(PAGE, 3_000_000, 3_000_000), (PROGRAM, 3_000_000, 0), (PAGE, DRAINED_BYTES + 1, 0)],
)
def test_a_form_is_read_to_its_end_before_it_is_refused(
    headers: Mapping[str, str], body: int, read: int
) -> None:
    assert read_before_the_answer(headers, body, 500_000) == read
