"""All routes of /console, in one place."""

from __future__ import annotations

from api.pages.console import cases, jobs

ROUTERS = (cases.router, jobs.router)
