"""Trust lists in the console: a first list is let in by two people who type its fingerprint."""

from browser_site import DESK, PHONE, Site, fits, usable
from playwright.sync_api import Page, expect
from trust_lists import authority_entry, content_of, root_of

from license_vault.trust.partner_lists import PartnerLists
from signing.trust_list import read_trust_list

REGION = "330000"
HOLDERS = root_of(REGION)
ENTRIES = (authority_entry("11330101MB2F000186", "330101"),)
LIST = HOLDERS.list_der(content_of(REGION, 200, ENTRIES))
FINGERPRINT = read_trust_list(LIST).sm3.hex()


def _approve(page: Page, fingerprint: str) -> None:
    page.get_by_label("函件上的指纹").fill(fingerprint)
    page.get_by_role("button", name="核准").click()


def test_two_administrators_let_a_first_list_in(site: Site) -> None:
    services = site.node.services
    with services.database.writing() as session:
        found = (LIST, HOLDERS.root_der())
        PartnerLists(session).propose(REGION, found, "https://zj.example", services.clock())
    wang = site.officer("trust-wang", "security-administrator")
    where = f"/console/trust/{REGION}"
    with site.logged_in(wang, "/console/trust", scripts=False) as page:
        expect(page.locator("main")).to_contain_text("首份名单待核准 (0/2)")
        page.get_by_role("link", name="浙江省").first.click()
        expect(page.get_by_label("函件上的指纹")).to_be_visible()
        assert FINGERPRINT not in page.content()
        _approve(page, "0" * 64)
        expect(page.get_by_role("alert")).to_contain_text("未予接受")
        expect(page.get_by_label("函件上的指纹")).to_have_value("0" * 64)
        _approve(page, " ".join((FINGERPRINT[:32], FINGERPRINT[32:])))
        expect(page.get_by_role("status")).to_contain_text("您已核准")
    zhou = site.officer("trust-zhou", "security-administrator")
    with site.logged_in(zhou, where, PHONE) as page:
        usable(page, "trust-region-waits-zh-360")
        page.goto(f"{where}?lang=en")
        page.set_viewport_size(DESK)
        fits(page, "trust-region-waits-en-1440")
        page.goto(f"{where}?lang=zh")
        _approve(page, FINGERPRINT)
        expect(page.locator("#in-use")).to_be_visible()
        expect(page.locator("main")).to_contain_text("trust-wang、trust-zhou")
        usable(page, "trust-region-accepted-zh-1440")
        page.set_viewport_size(PHONE)
        page.goto("/console/trust?lang=en")
        usable(page, "trust-en-360")
        page.set_viewport_size(DESK)
        fits(page, "trust-en-1440")


def test_somebody_else_sees_who_acts_next(site: Site) -> None:
    clerk = site.officer("trust-clerk")
    with site.logged_in(clerk, "/console/trust/990000") as page:
        expect(page.locator("h1")).not_to_be_empty()
        expect(page.get_by_label("函件上的指纹")).to_have_count(0)
