"""All routes of /kiosk, in one place."""

from __future__ import annotations

from api.pages.kiosk import screens, start

ROUTERS = (start.router, screens.router)
