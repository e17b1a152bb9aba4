"""npm ofd.js in Chromium: what another reader makes of an OFD, measured on its page.

Installed by ``npm ci`` from the pinned lock of ``tests/interop/ofdjs``, once, beside the virtual
environment. Positions are taken from where the browser lays things out, in millimetres.
"""

import base64
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from npm_package import installed
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
PINNED = ROOT / "tests" / "interop" / "ofdjs"
BUNDLE = Path("node_modules") / "ofd.js" / "lib" / "ofd.umd.min.js"
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
_WIDTH = 1060

_SHOW = """
async ([encoded, width]) => {
  const bytes = Uint8Array.from(atob(encoded), c => c.charCodeAt(0));
  const parsed = await new Promise((done, fail) => ofd.parseOfdDocument(
    {ofd: bytes.buffer, success: done, fail: e => fail(new Error('ofd.js: ' + e))}));
  document.body.innerHTML = '';
  document.body.style.margin = '0';
  const pages = [];
  for (const sheet of ofd.renderOfd(width, Array.isArray(parsed) ? parsed[0] : parsed)) {
    document.body.appendChild(sheet);
    const edge = sheet.getBoundingClientRect();
    const seals = [...sheet.querySelectorAll('[name=seal_img_div]')];
    const inSeal = e => seals.some(seal => seal.contains(e));
    const texts = [...sheet.querySelectorAll('text')].filter(e => !inSeal(e)).map(e => {
      const x = parseFloat(e.getAttribute('x')), y = parseFloat(e.getAttribute('y'));
      if (isNaN(x) || isNaN(y)) return [e.textContent, null, null];
      const at = new DOMPoint(x, y).matrixTransform(e.getScreenCTM());
      return [e.textContent, at.x - edge.x, at.y - edge.y];
    });
    pages.push({width: edge.width, height: edge.height, texts, seals: seals.map(e => {
      const box = e.getBoundingClientRect();
      return {
        box: [box.x - edge.x, box.y - edge.y, box.width, box.height],
        signed: JSON.parse(e.dataset.signedInfo),
        value: JSON.parse(e.dataset.sesSignature),
      };
    })});
  }
  return JSON.stringify(pages);
}
"""


@dataclass(frozen=True)
class LaidCharacter:
    """A character on the page, baseline origin in mm; None where ofd.js found no place for it."""

    text: str
    x: float | None
    y: float | None


@dataclass(frozen=True)
class LaidSeal:
    """A seal on the page: its box in mm, ofd.js's word on its signature, and what it read."""

    box: tuple[float, float, float, float]
    verified: bool
    value: dict[str, Any]


@dataclass(frozen=True)
class LaidPage:
    """A page as ofd.js lays it out."""

    characters: tuple[LaidCharacter, ...]
    seals: tuple[LaidSeal, ...]


class OfdJs:
    """A browser page with ofd.js in it."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def show(self, data: bytes, page_width_mm: float) -> list[LaidPage]:
        """Lay a document out; all its pages are of that width or scaled by themselves."""
        encoded = base64.b64encode(data).decode()
        pages = json.loads(self._page.evaluate(_SHOW, [encoded, _WIDTH]))
        return [_laid(page, page["width"] / page_width_mm) for page in pages]

    def screenshot(self, path: Path) -> None:
        """Write what is shown, for people."""
        self._page.screenshot(path=path, full_page=True)


def _laid(page: dict[str, Any], scale: float) -> LaidPage:
    characters = tuple(
        LaidCharacter(text, None if x is None else x / scale, None if y is None else y / scale)
        for text, x, y in _whole(page["texts"])
    )
    seals = tuple(
        LaidSeal(
            tuple(side / scale for side in seal["box"]),
            seal["signed"]["VerifyRet"],
            seal["value"],
        )
        for seal in page["seals"]
    )
    return LaidPage(characters, seals)


def _whole(texts: list[tuple[str, Any, Any]]) -> Iterator[tuple[str, Any, Any]]:
    """Yield characters beyond the BMP whole: ofd.js takes them for two, side by side."""
    halves = iter(texts)
    for text, x, y in halves:
        if "\ud800" <= text <= "\udbff":
            text += next(halves)[0]
            text = text.encode("utf-16", "surrogatepass").decode("utf-16")
        yield text, x, y


@contextmanager
def ofd_js() -> Iterator[OfdJs]:
    """ofd.js in a browser; skips with the reason where it cannot be had."""
    if CHROMIUM is None:
        pytest.skip("neither chromium-headless-shell nor chromium of Debian is installed")
    bundle = installed(PINNED, "ofdjs") / BUNDLE
    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        page = browser.new_context(viewport={"width": _WIDTH, "height": 1500}).new_page()
        page.set_content("<!doctype html><title>ofd.js</title><body></body>")
        page.add_script_tag(path=bundle)
        yield OfdJs(page)
        browser.close()
