"""All routes of /console, in one place."""

from __future__ import annotations

from api.pages.console import (
    cases,
    grants,
    issuing,
    jobs,
    licenses,
    orders,
    overview,
    seal_acts,
    seals,
    signing,
    trust,
    types,
)

ROUTERS = (
    trust.router,
    overview.router,
    signing.router,
    cases.router,
    issuing.router,
    licenses.router,
    orders.router,
    jobs.router,
    seal_acts.router,
    seals.router,
    grants.router,
    types.router,
)
