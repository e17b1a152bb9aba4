"""A node that serves its pages, people who log in, and a real browser that looks.

One node for all tests of ``tests/browser`` on a worker, one Chromium for each file. People log
in at PyPI ``oidc-provider-mock``, over HTTP, as they would at a real provider. Every page may
be kept as a picture (``kept``), in ``LICENSE_VAULT_SCREENSHOTS`` where that is set.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import uvicorn
from api_node import JIADING, Node, build_node
from npm_package import installed
from playwright.sync_api import Browser, BrowserContext, Page

from api.settings import OidcSettings

PHONE = {"width": 360, "height": 640}
DESK = {"width": 1440, "height": 900}
AXE = Path(__file__).parent / "browser" / "axe"
_SERIOUS = {"serious", "critical"}
_AXE_RUN = "axe.run(document, {resultTypes: ['violations']})"


@dataclass(frozen=True)
class Served:
    """The node, where it is, and the provider at which people log in."""

    node: Node
    url: str
    provider: str


@dataclass(frozen=True)
class Site(Served):
    """The same, and the browser that looks."""

    browser: Browser

    def person(self, subject: str, **claims: Any) -> str:
        """Make somebody known to the provider; return the name to log in with."""
        httpx.put(f"{self.provider}/users/{subject}", json=claims).raise_for_status()
        return subject

    def holder(self, subject: str, document_type: str, number: str) -> str:
        """A holder, who has licenses under this document."""
        return self.person(
            subject,
            roles=["license-holder"],
            document_type=document_type,
            document_number=number,
        )

    def officer(self, subject: str, *roles: str, organisation: str = JIADING) -> str:
        """An officer of an organisation, "license-officer" if no role is named."""
        named = list(roles) or ["license-officer"]
        return self.person(subject, roles=named, organisation=organisation)

    @contextmanager
    def looking(
        self, size: dict[str, int] = DESK, language: str = "zh-CN", *, scripts: bool = True
    ) -> Iterator[Page]:
        """A window of a browser of nobody's, closed at the end."""
        context = self.context(size, language, scripts=scripts)
        try:
            yield context.new_page()
        finally:
            context.close()

    @contextmanager
    def logged_in(
        self,
        subject: str,
        path: str,
        size: dict[str, int] = DESK,
        language: str = "zh-CN",
        *,
        scripts: bool = True,
    ) -> Iterator[Page]:
        """A window in which somebody has logged in, on the page that was wanted."""
        with self.looking(size, language, scripts=scripts) as page:
            log_in(page, f"{self.url}{path}", subject)
            yield page

    def context(self, size: dict[str, int], language: str, *, scripts: bool) -> BrowserContext:
        context = self.browser.new_context(
            viewport=size, locale=language, java_script_enabled=scripts, base_url=self.url
        )
        context.set_default_timeout(20_000)
        return context


def log_in(page: Page, address: str, subject: str) -> None:
    """Open a page that asks to log in, log in at the provider, and be back on it."""
    page.goto(address)
    page.fill("input[name=sub]", subject)
    page.locator("input[name=sub] ~ button, button[type=submit]").first.click()
    host = urlsplit(address).netloc
    page.wait_for_url(lambda url: urlsplit(url).netloc == host)


def serious(page: Page) -> list[str]:
    """What keeps people from using a page, by axe-core: serious and critical findings."""
    page.evaluate((installed(AXE, "axe") / "node_modules/axe-core/axe.min.js").read_text())
    found = page.evaluate(_AXE_RUN)["violations"]
    return [
        f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:160]}"
        for one in found
        if one["impact"] in _SERIOUS
    ]


def wider_than_window(page: Page) -> bool:
    """Whether a page has to be moved sideways to be read."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"))


def kept(page: Page, name: str) -> None:
    """Keep a page as a picture, for people to look at."""
    folder = os.environ.get("LICENSE_VAULT_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def fits(page: Page, name: str) -> None:
    """No moving sideways, picture kept: for a page that axe sees elsewhere, or without scripts.

    Waits for the page first: after a click the next one may have begun and hold nothing yet.
    """
    page.wait_for_load_state()
    kept(page, name)
    assert not wider_than_window(page)


def usable(page: Page, name: str) -> None:
    """A page that people can use: nothing serious by axe, no moving sideways; keep its picture."""
    fits(page, name)
    assert serious(page) == []


@contextmanager
def serving(home: Path, **more: Any) -> Iterator[Served]:
    """Build a node in an empty folder and serve it, with a provider beside it.

    ``more``: what else ``build_node`` takes, as the region that it is.
    """
    from oidc_provider_mock import run_server_in_thread

    with run_server_in_thread() as provider:
        issuer = f"http://localhost:{provider.server_port}"
        port = _free_port()
        url = f"http://localhost:{port}"
        oidc = OidcSettings(issuer=issuer, client_secret="any")
        node = build_node(home, public_url=url, oidc=oidc, **more)
        server = uvicorn.Server(
            uvicorn.Config(
                node.client.app,
                host="127.0.0.1",
                port=port,
                log_level="warning",
                # A browser keeps its connections; the node shall end all the same.
                timeout_graceful_shutdown=1,
            )
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield Served(node, url, issuer)
        server.should_exit = True
        thread.join(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
