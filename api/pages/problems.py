"""The pages under /problems: what each kind of refusal means, and what to do."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from api.dependencies import ServicesDep
from api.documentation import example_of_problem
from api.errors import PageNotFoundError
from api.pages.docs import operations
from api.pages.operations import answering_with
from api.pages.problem_help import help_of
from api.pages.rendering import show
from api.pages.visitor import VisitorDep
from api.problems.kinds import KINDS

router = APIRouter(prefix="/problems", include_in_schema=False)


@router.get("")
def all_problems(visitor: VisitorDep) -> HTMLResponse:
    """Show every kind of problem, by status."""
    statuses = sorted({kind.status for kind in KINDS.values()})
    groups = [
        (status, [kind for kind in KINDS.values() if kind.status == status]) for status in statuses
    ]
    return show(visitor, "problems.html", groups=groups, help_of=help_of)


@router.get("/{slug}")
def one_problem(
    request: Request, services: ServicesDep, visitor: VisitorDep, slug: str
) -> HTMLResponse:
    """Explain one kind of problem: what it means, what to do, who answers with it."""
    kind = KINDS.get(slug)
    if kind is None:
        raise PageNotFoundError
    return show(
        visitor,
        "problem.html",
        kind=kind,
        messages=kind.messages({name: f"<{name}>" for name in kind.shown}),
        help=help_of(kind.status, kind.slug),
        operations=answering_with(operations(request.app, services.public_url), slug),
        example=json.dumps(
            example_of_problem(kind, visitor.language), ensure_ascii=False, indent=2
        ),
    )
