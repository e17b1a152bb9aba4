"""The client that waits: one connection pool, which many threads may use."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import TypeVar

import httpx

from license_vault.client import calls
from license_vault.client.calls import Call, Question
from license_vault.client.connection import Connection
from license_vault.client.conversation import Conversation, Pause, Send
from license_vault.client.reply import Failure, Reply
from license_vault.client.results import (
    Batch,
    License,
    LicensePage,
    PartnerAnswer,
    PartnerDispute,
    Receipt,
    Report,
    SharingDocument,
)
from license_vault.client.sending import longer, reply_of, request_of

T = TypeVar("T")
_NOTHING = Question()


def new_key() -> str:
    """Return a fresh Idempotency-Key."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a client takes from its surroundings, for tests to replace."""

    transport: httpx.BaseTransport | None = None
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic


class Client:
    """Asks a node. Use it in a ``with``; every method raises ``ClientError``s."""

    def __init__(self, connection: Connection, surroundings: Surroundings = Surroundings()) -> None:
        self._sleep = surroundings.sleep
        self._conversation = Conversation(connection, surroundings.now)
        self._http = httpx.Client(
            base_url=connection.base_url,
            timeout=connection.timeout_seconds,
            transport=surroundings.transport,
            follow_redirects=False,
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def verify_file(
        self, content: bytes, question: Question = _NOTHING, name: str = "license"
    ) -> Report:
        """Verify one file: OFD, PDF, JSON."""
        return self._do(calls.verify_file(content, question, name))

    def verify_number(
        self, identifier: str, check_code: str, question: Question = _NOTHING
    ) -> Report:
        """Verify the file on record of a license."""
        return self._do(calls.verify_number(identifier, check_code, question))

    def verify_batch(
        self,
        files: Sequence[tuple[str, bytes]],
        numbers: Sequence[tuple[str, str]] = (),
        question: Question = _NOTHING,
    ) -> Batch:
        """Verify files (name, content), then numbers (identifier, check code): at most fifty."""
        return self._do(calls.verify_batch(files, numbers, question))

    def receipt_for(
        self, content: bytes, question: Question = _NOTHING, name: str = "license"
    ) -> Receipt:
        """Verify one file and return the node's signed receipt."""
        return self._do(calls.receipt_for(content, question, name))

    def receipt(self, number: str) -> Receipt:
        """Fetch a receipt again by its number."""
        return self._do(calls.receipt(number))

    def licenses(self, type_code: str = "", after: str = "", limit: int = 20) -> LicensePage:
        """List licenses of the own organisation and those below, the newest first."""
        return self._do(calls.licenses(type_code, after, limit))

    def license(self, identifier: str) -> License:
        """Show a license."""
        return self._do(calls.license_(identifier))

    def download(self, identifier: str, form: str = "ofd") -> bytes:
        """Download a sealed file: ofd (原件), pdf or json."""
        return self._do(calls.download(identifier, form))

    def issue(self, body: Mapping[str, object], key: str = "") -> License:
        """Issue a license; with the same key and body the same license comes again."""
        return self._do(calls.issue(body, key or new_key()))

    def act(self, identifier: str, verb: str, body: Mapping[str, object], key: str = "") -> License:
        """Do something with a license: suspension, resumption, renewal, cancellation …."""
        return self._do(calls.act(identifier, verb, body, key or new_key()))

    def ask(
        self,
        region: str,
        operation: str,
        body: Mapping[str, str | Mapping[str, str]],
        key: str = "",
    ) -> PartnerAnswer:
        """Ask a partner region through the own node: query-by-holder, metadata, file …."""
        return self._do(calls.ask(region, operation, body, key or new_key()))

    def copy(
        self, region: str, named: tuple[str, str], until: date, key: str = ""
    ) -> PartnerAnswer:
        """Have a partner make a purpose-bound copy of (identifier, check code)."""
        return self._do(calls.copy(region, named, until, key or new_key()))

    def raise_dispute(
        self, region: str, license_identifier: str, told: tuple[str, str], key: str = ""
    ) -> PartnerDispute:
        """Dispute a partner's license: (field, grounds). Officers and holders may."""
        return self._do(calls.raise_dispute(region, license_identifier, told, key or new_key()))

    def dispute(self, reference: str) -> PartnerDispute:
        """Show a dispute at a partner: its number, term and answer."""
        return self._do(calls.dispute(reference))

    def sharing_catalogue(self, region: str = "") -> SharingDocument:
        """Fetch the sharing catalogue of a region, the own if none is named."""
        return self._do(calls.sharing("catalogue", region))

    def use_list(self, region: str = "") -> SharingDocument:
        """Fetch the use list (用证清单) of a region, the own if none is named."""
        return self._do(calls.sharing("use-list", region))

    def trust_bundle(self) -> bytes:
        """Fetch everything to verify with offline (``verification``)."""
        return self._do(calls.fetch("/v1/trust-bundle"))

    def _do(self, call: Call[T]) -> T:
        steps = self._conversation.carry(call)
        outcome: Reply | Failure | None = None
        while True:
            try:
                step = steps.send(outcome)
            except StopIteration as ended:
                done: T = ended.value
                return done
            outcome = self._taken(step)

    def _taken(self, step: Send | Pause) -> Reply | Failure | None:
        if isinstance(step, Pause):
            self._sleep(step.seconds)
            return None
        try:
            answer = self._http.send(request_of(self._http, step), stream=True)
            try:
                content = bytearray()
                for part in answer.iter_bytes():
                    content += part
                    longer(len(content))
                return reply_of(answer, bytes(content))
            finally:
                answer.close()
        except httpx.HTTPError as error:
            return Failure(type(error).__name__)
