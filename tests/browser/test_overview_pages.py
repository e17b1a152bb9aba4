"""The console's first page: whether everything works now, and the figures of the last days."""

from datetime import timedelta

from browser_site import DESK, PHONE, Site, fits, kept, usable
from playwright.sync_api import expect

from license_vault.clock import civil_date, start_of
from license_vault.database.columns import table_of
from license_vault.database.figure_tables import CanaryRunRow
from license_vault.figures.canary_runs import CanaryRun, CanaryRunWriter


def _weeks_of_canaries(site: Site) -> None:
    """Runs of the last days, one a day of which failed."""
    at = site.node.services.clock()
    with site.node.services.database.writing() as session:
        for back in range(20, 0, -1):
            day = start_of(civil_date(at) - timedelta(days=back))
            for hour in range(0, 24 - back // 2, 2):
                failed = "verify" if hour == back % 7 else ""
                session.add_row(
                    table_of(CanaryRunRow),
                    began_at=day + timedelta(hours=hour),
                    failed_step=failed,
                    reason="copy-signer-unknown" if failed else "",
                    seal_milliseconds=300,
                    verify_milliseconds=40,
                )


def test_the_overview_tells_how_it_stands_and_counts_by_day(site: Site) -> None:
    _weeks_of_canaries(site)
    assert site.node.services.canary.run().has_passed
    assert site.node.issue().status_code == 201
    officer = site.officer("overview-officer", "approval-officer")
    with site.logged_in(officer, "/console") as page:
        expect(page.locator("h1")).to_have_text("总览")
        canary = page.locator("section", has=page.locator("#canary"))
        expect(canary).to_contain_text("正常")
        card = page.locator("article", has_text="签发率")
        expect(card).to_contain_text("已用印并入库的证照")
        expect(page.locator("svg[role=img]").nth(1)).to_be_visible()
        page.locator("summary").first.click()
        usable(page, "overview-zh-1440")
        page.get_by_role("link", name="近 7 天").click()
        expect(page.locator("[aria-current=true]")).to_have_text("近 7 天")
        page.set_viewport_size(PHONE)
        fits(page, "overview-zh-360")
        page.goto("/console?lang=en")
        usable(page, "overview-en-360")
        page.set_viewport_size(DESK)
        fits(page, "overview-en-1440")


def test_a_canary_that_failed_says_where_and_who_acts(site: Site) -> None:
    with site.node.services.database.writing() as session:
        failed = CanaryRun(site.node.services.clock(), "seal", "TimestampUnavailableError", 31, 0)
        CanaryRunWriter(session).add(failed)
    manager = site.officer("overview-manager", "seal-manager")
    with site.logged_in(manager, "/console", scripts=False) as page:
        canary = page.locator("section", has=page.locator("#canary"))
        for said in ("失败", "TimestampUnavailableError", "系统管理员"):
            expect(canary).to_contain_text(said)
        expect(page.get_by_text("证照指标由窗口和审批人员查看")).to_be_visible()
        kept(page, "overview-failed-zh-1440")
