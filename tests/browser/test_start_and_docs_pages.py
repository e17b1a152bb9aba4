"""A newcomer: what is this, does it work, how does a program use it, what does a refusal mean."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from browser_site import DESK, PHONE, Site, fits, usable
from playwright.sync_api import expect

from api.demonstration import START_PAGE, read_demonstration
from examples.demo_people import demo_people


@pytest.fixture
def demo(site: Site, tmp_path: Path) -> Iterator[Site]:
    """The node as ``make serve`` starts it, with one sample."""
    words = {"zh": "没有印章的文件", "en": "A file without a seal"}
    page = {
        "samples": [{"file": "no-seal.json", "name": words, "about": words}],
        "numbered": {"identifier": "1.2.156.3005.2.1", "check_code": "AAAA-BBBB-CCCCC"},
        "people": [one.shown for one in demo_people()],
        "kiosk": {"device_id": "kiosk-1", "device_secret": "s" * 43},
    }
    (tmp_path / START_PAGE).write_text(json.dumps(page), encoding="utf-8")
    (tmp_path / "no-seal.json").write_text('{"no": "seal"}')
    state = site.node.client.app.state
    services = state.services
    state.services = replace(services, demonstration=read_demonstration(tmp_path))
    yield site
    state.services = services


@pytest.mark.parametrize(
    ("size", "language"), [(PHONE, "en"), (DESK, "zh-CN")], ids=["phone-en", "desk-zh"]
)
def test_a_newcomer_tries_it_and_reads_how_programs_use_it(
    demo: Site, size: dict[str, int], language: str
) -> None:
    zh = language == "zh-CN"
    with demo.looking(size, language) as page:

        def looks_well(name: str) -> None:
            looked = fits if zh else usable
            looked(page, f"{name}-{language}-{size['width']}")

        page.goto("/")
        looks_well("start")
        page.get_by_role("link", name="核验: 没有" if zh else "Verify: A file").click()
        expect(page.locator(".verdict")).to_contain_text("没有可核验的印章" if zh else "No seal")
        page.goto("/docs")
        looks_well("docs")
        page.get_by_role("searchbox").fill("license-exists 制证" if zh else "license-exists issue")
        page.get_by_role("button", name="查找" if zh else "Find").click()
        page.get_by_role("link", name="制证" if zh else "Issue a license", exact=True).click()
        looks_well("docs-operation")
        page.get_by_role("link", name="证照已存在" if zh else "There is such a license").click()
        looks_well("problem")
        expect(page.get_by_text("怎么办" if zh else "What to do")).to_be_visible()
        page.get_by_role("link", name="错误一览" if zh else "Problems").first.click()
        looks_well("problems")


def test_without_scripts_all_of_it_works(demo: Site) -> None:
    with demo.looking(PHONE, scripts=False) as page:
        page.goto("/")
        page.get_by_role("button", name="按号码核验").click()
        expect(page).to_have_url(f"{demo.url}/verify")
        page.goto("/docs?q=亮证")
        expect(page.get_by_role("link", name="窗口扫码")).to_have_count(0)
        page.get_by_role("link", name="亮证", exact=True).last.click()
        expect(page.locator("h1")).to_have_text("亮证")
