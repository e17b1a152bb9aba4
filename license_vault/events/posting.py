"""Sends a body to an address that somebody else named: one try, within limits of time and size.

Calls only addresses that ``addresses`` let pass, and exactly as they were judged (``pinned``).
"""

import http.client
from collections.abc import Callable, Mapping

from license_vault.events.addresses import AddressRules, Resolve, resolve_by_system, resolved
from license_vault.events.errors import AddressRefusedError
from license_vault.events.pinned import CallLimits, Silence, call_pinned, retry_after
from license_vault.events.retrying import Answer

Post = Callable[[str, Mapping[str, str], bytes], Answer]
"""Sends headers and a body to an address, by POST."""


def post_with_limits(
    rules: AddressRules,
    timeout_seconds: float,
    longest_answer: int = 4096,
    resolve: Resolve = resolve_by_system,
) -> Post:
    """Return what sends.

    Args:
        timeout_seconds: longest wait for the connection, and then for the whole answer.
        longest_answer: bytes of the answer that are read; a longer one is cut off.
    """
    limits = CallLimits(timeout_seconds, 2 * timeout_seconds)

    def post(url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            target = resolved(url, rules, resolve)
        except AddressRefusedError as error:
            return Answer(None, f"address-{error.reason}")

        def ask(connection: http.client.HTTPConnection) -> Answer:
            connection.request("POST", target.path, body, dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, "", retry_after(answer), answer.read(longest_answer))

        answer = call_pinned(target, limits, ask)
        return Answer(None, answer.reason) if isinstance(answer, Silence) else answer

    return post
