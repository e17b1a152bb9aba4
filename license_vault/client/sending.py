"""From a call to an httpx request; the same for both clients."""

import httpx

from license_vault.client.conversation import Send
from license_vault.client.reply import LONGEST, Reply


def request_of(http: httpx.Client | httpx.AsyncClient, send: Send) -> httpx.Request:
    """Return the request of one try."""
    call = send.call
    return http.build_request(
        call.method,
        call.path,
        params=dict(call.query) or None,
        headers=send.headers,
        json=call.json,
        data=dict(call.form) or None,
        files=list(call.files) or None,
    )


def reply_of(answer: httpx.Response, content: bytes) -> Reply:
    """Return what came back."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Reply(answer.status_code, headers, content)


class TooLongError(httpx.HTTPError):
    """More came than any answer has; the connection is left."""

    def __init__(self) -> None:
        super().__init__(f"the answer is longer than {LONGEST} bytes")


def longer(size: int) -> None:
    """Refuse to read on beyond the longest answer.

    Raises:
        TooLongError: it is longer.
    """
    if size > LONGEST:
        raise TooLongError
