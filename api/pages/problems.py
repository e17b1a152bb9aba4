"""The pages under /problems: what each kind of refusal means, and what to do."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from api.errors import PageNotFoundError
from api.pages.rendering import show
from api.pages.visitor import VisitorDep
from api.problems.kinds import KINDS

router = APIRouter(prefix="/problems", include_in_schema=False)


@router.get("")
def all_problems(visitor: VisitorDep) -> HTMLResponse:
    """Show every kind of problem."""
    return show(visitor, "problems.html", kinds=tuple(KINDS.values()))


@router.get("/{slug}")
def one_problem(visitor: VisitorDep, slug: str) -> HTMLResponse:
    """Explain one kind of problem."""
    kind = KINDS.get(slug)
    if kind is None:
        raise PageNotFoundError
    return show(visitor, "problem.html", kind=kind)
