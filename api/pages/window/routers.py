"""All routes of /window, in one place."""

from __future__ import annotations

from api.pages.window import home

ROUTERS = (home.router,)
