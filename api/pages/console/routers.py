"""All routes of /console, in one place."""

from __future__ import annotations

from api.pages.console import cases, jobs, overview, signing

ROUTERS = (overview.router, signing.router, cases.router, jobs.router)
