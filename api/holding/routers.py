"""All routes of a holder's vault besides the licenses."""

from __future__ import annotations

from api.holding import (
    deliveries,
    disputes,
    handles,
    intake,
    journals,
    mandates,
    members,
    prints,
)

ROUTERS = (
    journals.router,
    mandates.router,
    handles.router,
    deliveries.router,
    members.router,
    prints.router,
    disputes.router,
    intake.router,
)
