"""All routes of /console, in one place."""

from __future__ import annotations

from api.pages.console import (
    brought,
    cases,
    conditions,
    grants,
    issuing,
    jobs,
    licenses,
    orders,
    overview,
    package_signing,
    packages,
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
    package_signing.router,
    brought.router,
    packages.cases,
    packages.router,
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
