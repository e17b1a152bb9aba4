"""The application: routes, problems and what wraps every request. Names no adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles
from starlette.types import Lifespan

from api import (
    access,
    approval_messages,
    case_forms,
    case_outlook,
    case_packages,
    cases,
    catalogue,
    copies,
    devices,
    directory,
    evidence,
    exchange,
    figures,
    health,
    issue_log,
    items,
    jobs,
    kiosk_forms,
    license_previews,
    licenses,
    lifecycle_routes,
    lists,
    members,
    order_previews,
    packages,
    partner_disputes,
    partners,
    presenting,
    qr_keys,
    receipt_sheets,
    schemas,
    sharing,
    stale_licenses,
    tokens,
    trust_lists,
    trust_regions,
    type_faces,
    vaults,
    verification_batches,
    verifications,
    webhooks,
)
from api.background import runner_of
from api.background_tasks import tasks_of
from api.compat import routes as compat
from api.documentation import DESCRIPTION, describe
from api.headers import SecurityHeaders
from api.holding import routers as holding
from api.limits import BodyLimit
from api.observability import RequestLog
from api.pages import refusals
from api.pages import routers as pages
from api.problems import answers as problems
from api.seals import books as seal_books
from api.seals import life as seal_life_routes
from api.seals import sealings as seal_sealings
from api.seals import showing as seals

if TYPE_CHECKING:
    from api.services import Services

VERSION = "0.1.0"
_ROUTERS = (
    tokens.router,
    presenting.router,
    devices.router,
    kiosk_forms.router,
    copies.router,
    licenses.router,
    license_previews.router,
    order_previews.router,
    lifecycle_routes.router,
    evidence.router,
    packages.router,
    packages.sets,
    members.router,
    jobs.router,
    vaults.router,
    *holding.ROUTERS,
    seal_books.router,
    seals.router,
    seal_life_routes.router,
    seal_sealings.consents,
    seal_sealings.sealings,
    items.router,
    cases.router,
    case_packages.router,
    case_forms.uploads,
    case_forms.forms,
    case_outlook.router,
    approval_messages.router,
    stale_licenses.router,
    catalogue.router,
    case_outlook.types,
    type_faces.router,
    access.router,
    webhooks.router,
    directory.router,
    figures.router,
    verifications.router,
    receipt_sheets.router,
    verification_batches.router,
    sharing.router,
    schemas.router,
    lists.router,
    issue_log.router,
    trust_lists.router,
    trust_regions.router,
    partners.router,
    qr_keys.router,
    exchange.signed,
    exchange.router,
    partner_disputes.router,
    health.router,
    compat.router,
    *pages.ROUTERS,
)


def create_app(services: Services) -> FastAPI:
    """Return the application over some services; it closes them when it is shut down.

    While it runs, it does the node's background tasks too.
    """
    app = FastAPI(
        title="License Vault 电子证照库",
        version=VERSION,
        description=DESCRIPTION,
        # FastAPI's own pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_closing(services),
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.services = services
    for router in _ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    problems.install(app, refusals.answer)
    refusals.install(app)
    describe(app)
    app.add_middleware(
        BodyLimit,
        document_bytes=services.limits.max_document_bytes,
        other_bytes=services.limits.max_request_bytes,
        rows_bytes=services.limits.max_rows_bytes,
        answer=refusals.answer,
    )
    app.add_middleware(problems.FaultBoundary, answer=refusals.answer)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestLog)
    return app


def _closing(services: Services) -> Lifespan[FastAPI]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        runner = runner_of(services, tasks_of(services))
        runner.start()
        yield
        runner.stop()
        services.close()

    return lifespan
