"""Officers send rows, see how far they are, stop and go on, and fetch what was refused."""

import json
from pathlib import Path

from browser_site import DESK, PHONE, Site, fits, usable
from playwright.sync_api import Page, expect

HEAD = "number,holders.0.kind,holders.0.name,holders.0.document_type,holders.0.document_number\n"


def _rows(folder: Path, name: str, rows: int) -> Path:
    path = folder / name
    path.write_text(HEAD + "".join(f"批次证〔2026〕{at}号,x,演示,001,x\n" for at in range(rows)))
    return path


def _send(page: Page, file: Path) -> None:
    page.set_input_files("#file", file)
    page.select_option("#layout", "csv")
    page.fill("#basis", "存量证照电子化")
    page.locator("form[enctype] button").click()


def test_rows_are_sent_paused_and_done_and_the_refused_ones_fetched(
    site: Site, tmp_path: Path
) -> None:
    officer = site.officer("batch-officer", "approval-officer")
    with site.logged_in(officer, "/console/jobs", DESK) as page:
        # Nobody works meanwhile.
        with site.node.services.jobs._lock:
            _send(page, _rows(tmp_path, "rows.csv", 3))
            expect(page.locator("#progress .verdict")).to_contain_text("等待办理")
            usable(page, "job-waiting-zh-1440")
            page.get_by_role("button", name="暂停").click()
            expect(page.locator("#progress .verdict")).to_contain_text(
                "还有 3 行没有办理", timeout=60_000
            )
            page.get_by_role("button", name="继续办理").click()
        # The page is told by itself.
        expect(page.locator("#progress .verdict")).to_contain_text("3 行有误", timeout=60_000)
        usable(page, "job-finished-zh-1440")
        with page.expect_download() as download:
            page.get_by_role("link", name="下载有误清单").click()
        told = Path(download.value.path()).read_text(encoding="utf-8")
        lines = [json.loads(line) for line in told.splitlines()]
        assert [line["row"] for line in lines] == [1, 2, 3]
        page.set_viewport_size(PHONE)
        page.goto(page.url + "?lang=en")
        fits(page, "job-finished-en-360")
        page.goto("/console/jobs")
        expect(page.locator("tbody tr").first).to_contain_text(
            "Finished, some refused", timeout=60_000
        )
        usable(page, "jobs-en-360")


def test_a_file_that_is_no_rows_is_refused_beside_the_form(site: Site, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    officer = site.officer("batch-officer-2", "approval-officer")
    with site.logged_in(officer, "/console/jobs", DESK, scripts=False) as page:
        _send(page, empty)
        expect(page.get_by_role("alert")).to_contain_text("无法按行读取")
        expect(page.locator("#basis")).to_have_value("存量证照电子化")
