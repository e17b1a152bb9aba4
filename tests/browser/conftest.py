import shutil
from collections.abc import Iterator

import pytest
from browser_site import Served, Site, serving
from playwright.sync_api import Browser, expect, sync_playwright

# A busy machine is slow; nothing waits this long on one that is not.
expect.set_options(timeout=20_000)

# The engine without the windows: half the work of the whole browser.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


# Of one file: while Playwright runs, no test of the same process can run an event loop of its own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("neither chromium-headless-shell nor chromium of Debian is installed")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("site") / "home") as served:
        yield served


@pytest.fixture(scope="module")
def site(served: Served, browser: Browser) -> Site:
    return Site(served.node, served.url, served.provider, browser)
