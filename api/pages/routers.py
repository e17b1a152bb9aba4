"""All routes of pages, in one place."""

from __future__ import annotations

from api.pages import docs, login, prints, problems, start, verify, verify_receipts
from api.pages.console import routers as console
from api.pages.kiosk import routers as kiosk
from api.pages.my import routers as my
from api.pages.window import routers as window

ROUTERS = (
    start.router,
    login.router,
    verify.router,
    verify_receipts.router,
    prints.router,
    problems.router,
    docs.router,
    *my.ROUTERS,
    *window.ROUTERS,
    *kiosk.ROUTERS,
    *console.ROUTERS,
)
