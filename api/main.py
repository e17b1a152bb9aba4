"""uvicorn's entry: settings, wiring, application; once in every worker process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.app import create_app
from api.node_wiring import wire
from api.observability import configure_log
from api.settings import load_settings

if TYPE_CHECKING:
    from fastapi import FastAPI


def create() -> FastAPI:
    """Return the application of this process.

    Raises:
        SettingsRefusedError: the settings do not fit.
        StartRefusedError: something that is promised could not be shown.
    """
    configure_log()
    return create_app(wire(load_settings()))
