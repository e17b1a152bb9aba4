"""How a page is written: one template, one language, values; nothing is loaded from elsewhere.

In a template stand both languages side by side, ``{{ say("核验", "Verify") }}``, so that none is
forgotten; ``told(messages)`` picks from the API's ``{"zh": …, "en": …}``.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.pages.verify_regions import region_name
from api.pages.visitor import LANGUAGE_COOKIE, Language, Visitor
from verification.moments import civil

STATIC = Path(__file__).parents[1] / "static"

_A_YEAR = 365 * 24 * 3600
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def show(visitor: Visitor, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """Return a rendered page; the browser never stores it.

    Templates also have: ``visitor``, ``language``, ``say(zh, en)``, ``told(messages)``,
    ``instant(text)`` (at +08:00), ``region_name(code)``, ``new_key()`` (of a form that changes
    something).
    """
    words = {
        "visitor": visitor,
        "language": visitor.language,
        "say": lambda zh, en: zh if visitor.language == "zh" else en,
        "told": lambda messages: told(messages, visitor.language),
        "instant": instant,
        "region_name": lambda code: region_name(code, visitor.language),
        "new_key": lambda: secrets.token_urlsafe(18),
    }
    html = _TEMPLATES.get_template(template).render(**words, **values)
    response = HTMLResponse(html, status, headers={"Cache-Control": "no-store"})
    remember_language(visitor, response)
    return response


def told(messages: Mapping[str, str] | str | None, language: Language) -> str:
    """Return a message of the API in a language; a plain text as it is."""
    if messages is None or isinstance(messages, str):
        return messages or ""
    return messages.get(language) or messages["zh"]


def instant(text: str | None) -> str:
    """Return an instant of the API ("…Z") as people here read it: at +08:00, to the minute."""
    if not text:
        return ""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return civil(moment).strftime("%Y-%m-%d %H:%M")


def remember_language(visitor: Visitor, response: Response) -> None:
    """Keep the language that was just chosen."""
    if visitor.chosen_language is not None:
        response.set_cookie(
            LANGUAGE_COOKIE,
            visitor.chosen_language,
            max_age=_A_YEAR,
            samesite="lax",
            secure=visitor.secure,
            httponly=True,
        )


def go(path: str) -> RedirectResponse:
    """Send the browser on after a form: reloading the page does nothing twice."""
    return RedirectResponse(path, 303, headers={"Cache-Control": "no-store"})
