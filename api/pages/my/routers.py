"""All routes of /my, in one place.

Addresses are /my/{vault}/…, where ``vault`` is ``me`` or the handle of whom the visitor acts for
(``vault.py``).
"""

from __future__ import annotations

from fastapi import APIRouter

from api.pages.my import cards, copies

ROUTERS: tuple[APIRouter, ...] = (cards.router, copies.router)
