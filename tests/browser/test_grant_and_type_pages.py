"""An organisation asks to use licenses of another's type, which grants it; types with faces."""

from api_node import CITY, FENGXIAN
from browser_site import DESK, PHONE, Site, fits, usable
from playwright.sync_api import expect

PURPOSE = "页面测试核对已有证照"
HYGIENE = "11310000MBDEM00076002"


def test_a_use_is_asked_for_granted_and_taken_back(site: Site) -> None:
    asker = site.officer("grant-asker", "license-officer", organisation=FENGXIAN)
    owner = site.officer("grant-owner", "license-officer", organisation=CITY)
    with site.logged_in(asker, "/console/grants", PHONE, "en", scripts=False) as page:
        page.select_option("#type_code", HYGIENE)
        page.fill("#item_code", "DEMO-0071")
        page.fill("#purpose", PURPOSE)
        page.fill("#basis", "演示规定")
        page.get_by_role("button", name="Ask").click()
        expect(page.locator(".verdict")).to_contain_text("requested")
        address = page.url.removeprefix(site.url)
    with site.logged_in(owner, "/console/grants", DESK) as page:
        usable(page, "grants-zh-1440")
        page.goto(address)
        usable(page, "grant-requested-zh-1440")
        page.fill("#until", "2001-01-01")
        page.get_by_role("button", name="同意授权").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.fill("#until", "2027-06-30")
        page.get_by_role("button", name="同意授权").click()
        expect(page.locator(".verdict")).to_contain_text("已授权")
        page.set_viewport_size(PHONE)
        page.goto(f"{address}?lang=en")
        fits(page, "grant-granted-en-360")
        page.get_by_role("button", name="Take back").click()
        expect(page.locator(".verdict")).to_contain_text("revoked")


def test_types_are_shown_with_their_faces(site: Site) -> None:
    officer = site.officer("types-officer")
    with site.logged_in(officer, f"/console/types/{HYGIENE}", DESK) as page:
        face = page.locator("img.face").first
        expect(face).to_have_js_property("complete", value=True)
        assert face.evaluate("image => image.naturalWidth") > 600
        usable(page, "type-zh-1440")
        page.set_viewport_size(PHONE)
        page.goto("/console/types?lang=en")
        expect(page.locator("article").first).to_be_visible()
        usable(page, "types-en-360")
