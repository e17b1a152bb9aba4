"""The client that does not wait: for programs that run in an event loop."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import TypeVar

import httpx

from license_vault.client import calls
from license_vault.client.calls import Call, Question
from license_vault.client.client import new_key
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


@dataclass(frozen=True, slots=True)
class AsyncSurroundings:
    """What a client takes from its surroundings, for tests to replace."""

    transport: httpx.AsyncBaseTransport | None = None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    now: Callable[[], float] = time.monotonic


class AsyncClient:
    """Asks a node. Use it in an ``async with``; every method raises ``ClientError``s."""

    def __init__(
        self, connection: Connection, surroundings: AsyncSurroundings = AsyncSurroundings()
    ) -> None:
        self._sleep = surroundings.sleep
        self._conversation = Conversation(connection, surroundings.now)
        self._http = httpx.AsyncClient(
            base_url=connection.base_url,
            timeout=connection.timeout_seconds,
            transport=surroundings.transport,
            follow_redirects=False,
        )

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def verify_file(
        self, content: bytes, question: Question = _NOTHING, name: str = "license"
    ) -> Report:
        """Verify one file: OFD, PDF, JSON."""
        return await self._do(calls.verify_file(content, question, name))

    async def verify_number(
        self, identifier: str, check_code: str, question: Question = _NOTHING
    ) -> Report:
        """Verify the file on record of a license."""
        return await self._do(calls.verify_number(identifier, check_code, question))

    async def verify_batch(
        self,
        files: Sequence[tuple[str, bytes]],
        numbers: Sequence[tuple[str, str]] = (),
        question: Question = _NOTHING,
    ) -> Batch:
        """Verify files (name, content), then numbers (identifier, check code): at most fifty."""
        return await self._do(calls.verify_batch(files, numbers, question))

    async def receipt_for(
        self, content: bytes, question: Question = _NOTHING, name: str = "license"
    ) -> Receipt:
        """Verify one file and return the node's signed receipt."""
        return await self._do(calls.receipt_for(content, question, name))

    async def receipt(self, number: str) -> Receipt:
        """Fetch a receipt again by its number."""
        return await self._do(calls.receipt(number))

    async def licenses(self, type_code: str = "", after: str = "", limit: int = 20) -> LicensePage:
        """List licenses of the own organisation and those below, the newest first."""
        return await self._do(calls.licenses(type_code, after, limit))

    async def license(self, identifier: str) -> License:
        """Show a license."""
        return await self._do(calls.license_(identifier))

    async def download(self, identifier: str, form: str = "ofd") -> bytes:
        """Download a sealed file: ofd (原件), pdf or json."""
        return await self._do(calls.download(identifier, form))

    async def issue(self, body: Mapping[str, object], key: str = "") -> License:
        """Issue a license; with the same key and body the same license comes again."""
        return await self._do(calls.issue(body, key or new_key()))

    async def act(
        self, identifier: str, verb: str, body: Mapping[str, object], key: str = ""
    ) -> License:
        """Do something with a license: suspension, resumption, renewal, cancellation …."""
        return await self._do(calls.act(identifier, verb, body, key or new_key()))

    async def ask(
        self,
        region: str,
        operation: str,
        body: Mapping[str, str | Mapping[str, str]],
        key: str = "",
    ) -> PartnerAnswer:
        """Ask a partner region through the own node: query-by-holder, metadata, file …."""
        return await self._do(calls.ask(region, operation, body, key or new_key()))

    async def copy(
        self, region: str, named: tuple[str, str], until: date, key: str = ""
    ) -> PartnerAnswer:
        """Have a partner make a purpose-bound copy of (identifier, check code)."""
        return await self._do(calls.copy(region, named, until, key or new_key()))

    async def raise_dispute(
        self, region: str, license_identifier: str, told: tuple[str, str], key: str = ""
    ) -> PartnerDispute:
        """Dispute a partner's license: (field, grounds). Officers and holders may."""
        return await self._do(
            calls.raise_dispute(region, license_identifier, told, key or new_key())
        )

    async def dispute(self, reference: str) -> PartnerDispute:
        """Show a dispute at a partner: its number, term and answer."""
        return await self._do(calls.dispute(reference))

    async def sharing_catalogue(self, region: str = "") -> SharingDocument:
        """Fetch the sharing catalogue of a region, the own if none is named."""
        return await self._do(calls.sharing("catalogue", region))

    async def use_list(self, region: str = "") -> SharingDocument:
        """Fetch the use list (用证清单) of a region, the own if none is named."""
        return await self._do(calls.sharing("use-list", region))

    async def trust_bundle(self) -> bytes:
        """Fetch everything to verify with offline (``verification``)."""
        return await self._do(calls.fetch("/v1/trust-bundle"))

    async def _do(self, call: Call[T]) -> T:
        steps = self._conversation.carry(call)
        outcome: Reply | Failure | None = None
        while True:
            try:
                step = steps.send(outcome)
            except StopIteration as ended:
                done: T = ended.value
                return done
            outcome = await self._taken(step)

    async def _taken(self, step: Send | Pause) -> Reply | Failure | None:
        if isinstance(step, Pause):
            await self._sleep(step.seconds)
            return None
        try:
            answer = await self._http.send(request_of(self._http, step), stream=True)
            try:
                content = bytearray()
                async for part in answer.aiter_bytes():
                    content += part
                    longer(len(content))
                return reply_of(answer, bytes(content))
            finally:
                await answer.aclose()
        except httpx.HTTPError as error:
            return Failure(type(error).__name__)
