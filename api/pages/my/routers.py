"""All routes of /my, in one place.

Addresses are /my/{vault}/…, where ``vault`` is ``me`` or the handle of whom the visitor acts for
(``vault.py``).
"""

from __future__ import annotations

from fastapi import APIRouter

from api.pages.my import (
    agency,
    cards,
    copies,
    disputes,
    journal,
    one_license,
    partners,
    seals,
    showing,
)

ROUTERS: tuple[APIRouter, ...] = (
    cards.router,
    one_license.router,
    showing.router,
    partners.router,
    copies.router,
    journal.router,
    disputes.router,
    agency.router,
    seals.router,
)
