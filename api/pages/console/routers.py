"""All routes of /console, in one place."""

from __future__ import annotations

from api.pages.console import (
    cases,
    conditions,
    grants,
    issuing,
    jobs,
    licenses,
    orders,
    overview,
    seal_acts,
    seals,
    signing,
    transferring,
    trust,
    types,
)

ROUTERS = (
    trust.router,
    overview.router,
    signing.router,
    cases.router,
    issuing.router,
    # Before the licenses: its address is not that of one.
    transferring.router,
    conditions.router,
    licenses.router,
    orders.router,
    jobs.router,
    seal_acts.router,
    seals.router,
    grants.router,
    types.router,
)
