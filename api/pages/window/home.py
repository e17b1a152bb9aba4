"""The one page of /window: scan, see whose licenses they are and what is still lacking, file.

A holder's code is used up by the scan. What stands on a license, and files, are verified for the
item, partner regions' too. Whatever is found lies on the desk until the next person comes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from api.dependencies import ServicesDep
from api.errors import PageNotFoundError
from api.pages.inner_api import Told, within
from api.pages.rendering import go, show
from api.pages.visitor import ClerkDep, FormDep, Visitor
from api.pages.window.desk import MEMORY, Desk, DeskDep
from api.pages.window.finding import ScanDep, found
from api.pages.window.showing import desk_shown, presenting_receipt, verification_receipt
from api.services import Services

router = APIRouter(prefix="/window", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class _Counter:
    """A clerk at the desk, and what lies on it."""

    services: Services
    visitor: Visitor
    desk: Desk

    async def page(self, problem: Any = None, status: int = 200) -> HTMLResponse:
        """Show the desk, with what was refused if something was."""
        shown = await desk_shown(self.visitor, self.desk)
        values = {"shown": shown, "problem": problem}
        return show(self.visitor, "window/home.html", status=status, **values)

    async def kept(self, desk: Desk) -> Response:
        """Remember what lies on the desk now, and go on to it."""
        return await replace(self, desk=desk).remembered(go("/window"))

    async def remembered(self, response: Response) -> Response:
        """Let the browser remember the desk with an answer."""
        told = response, self.services, self.visitor, self.desk.written()
        await run_in_threadpool(MEMORY.write, *told)
        return response

    async def receipt(self, number: str) -> Told:
        """Return a receipt that lies on the desk, as it was signed."""
        at = presenting_receipt if number in self.desk.shown else verification_receipt
        return await self.visitor.api.send("GET", at(number))


def _counter(services: ServicesDep, visitor: ClerkDep, desk: DeskDep) -> _Counter:
    return _Counter(services, visitor, desk)


_CounterDep = Annotated[_Counter, Depends(_counter)]


@router.get("")
async def window(counter: _CounterDep) -> HTMLResponse:
    """Show the desk."""
    return await counter.page()


@router.post("")
async def scan(counter: _CounterDep, scanned: ScanDep, key: FormDep) -> Response:
    """Put what was scanned, typed or chosen on the desk."""
    told = await found(counter.visitor, counter.desk, scanned, key)
    if told.problem is None:
        return await counter.kept(told.desk)
    # What was typed of item and case stays in the form; nothing is kept of a refused scan.
    problem, at = told.problem, replace(counter, desk=told.desk)
    page = await at.page(problem.document, problem.status)
    # But what had waited is used up, and what it found is.
    return await at.remembered(page) if counter.desk.waiting else page


@router.post("/filing")
async def file_receipts(counter: _CounterDep, key: FormDep) -> Response:
    """Put the receipts of the desk into its case."""
    desk = counter.desk
    if not desk.case:
        raise PageNotFoundError
    for number in desk.receipts:
        if number not in desk.filed:
            told = await counter.receipt(number)
            await counter.visitor.api.send(
                "POST",
                within("cases", desk.case, "documents"),
                files={"file": (f"receipt-{number}.json", told.content, "application/json")},
                headers={"Idempotency-Key": f"{key}-{number}"},
            )
            desk = replace(desk, filed=(*desk.filed, number))
    return await counter.kept(desk)


@router.post("/next")
async def next_person(counter: _CounterDep, key: FormDep) -> Response:
    """Clear the desk for the next person; the item stays."""
    del key  # clearing twice is clearing once
    return await counter.kept(counter.desk.next_person())


@router.get("/receipts/{number}")
async def receipt(counter: _CounterDep, number: str) -> Response:
    """Hand out a receipt that lies on the desk, as it was signed."""
    if number not in counter.desk.receipts:
        raise PageNotFoundError
    told = await counter.receipt(number)
    headers = {
        "Content-Disposition": told.headers["content-disposition"],
        "Cache-Control": "no-store",
    }
    return Response(told.content, media_type=told.headers["content-type"], headers=headers)
