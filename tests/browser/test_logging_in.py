"""People log in at the provider, see their own areas, and are out everywhere when they log out."""

import re

import pytest
from browser_site import DESK, PHONE, Site, log_in, usable
from playwright.sync_api import expect

HOLDER = ("111", "110101199001011237")


def test_a_page_that_needs_a_login_asks_for_it_and_comes_back(site: Site) -> None:
    clerk = site.officer("login-clerk")
    with site.logged_in(clerk, "/window") as page:
        expect(page).to_have_url(f"{site.url}/window")
        expect(page.get_by_role("button", name="退出")).to_be_visible()


def test_whoever_logs_out_is_out_with_the_old_cookie_too(site: Site) -> None:
    clerk = site.officer("leaving-clerk")
    with site.logged_in(clerk, "/window") as page:
        cookies = page.context.cookies()
        page.get_by_role("button", name="退出").click()
        page.wait_for_url(f"{site.url}/")
        page.context.add_cookies(cookies)
        page.goto(f"{site.url}/window")
        expect(page).to_have_url(re.compile(re.escape(site.provider)))


def test_a_holder_has_no_business_at_the_window(site: Site) -> None:
    holder = site.holder("strayed-holder", *HOLDER)
    with site.logged_in(holder, "/window") as page:
        expect(page.locator("h1")).to_contain_text("没有此项权限")


def test_an_answer_without_a_login_that_began_here_is_refused(site: Site) -> None:
    with site.looking() as page:
        answer = page.goto(f"{site.url}/login/callback?code=x&state=y")
        assert answer is not None
        assert answer.status != 500
        assert not page.context.cookies()


def test_a_login_never_ends_on_another_site(site: Site) -> None:
    clerk = site.officer("lured-clerk")
    with site.looking() as page:
        log_in(page, f"{site.url}/login?next=//evil.example.cn/", clerk)
        expect(page).to_have_url(f"{site.url}/window")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_page_that_does_not_exist_says_so_to_people(
    site: Site, size: dict[str, int], language: str
) -> None:
    with site.looking(size, language) as page:
        answer = page.goto("/no-such-page")
        assert answer is not None
        assert answer.status == 404
        usable(page, f"problem-met-{language}-{size['width']}")


def test_the_language_that_was_chosen_stays(site: Site) -> None:
    with site.looking() as page:
        page.goto("/problems")
        expect(page.locator("h1")).to_have_text("错误一览")
        page.get_by_role("link", name="English").click()
        expect(page.locator("h1")).to_have_text("Problems")
        page.goto("/problems")
        expect(page.locator("h1")).to_have_text("Problems")


def test_a_form_that_was_not_ours_or_came_from_elsewhere_does_nothing(site: Site) -> None:
    clerk = site.officer("forged-clerk")
    with site.logged_in(clerk, "/window") as page:
        proof = page.locator("input[name=anti_forgery]").first.get_attribute("value") or ""
        html = {"Accept": "text/html"}
        for sent, headers in (
            ({"request_key": "k" * 16}, html),
            ({"request_key": "k" * 16, "anti_forgery": "A" * len(proof)}, html),
            (
                {"request_key": "k" * 16, "anti_forgery": proof},
                {**html, "Sec-Fetch-Site": "cross-site"},
            ),
        ):
            answer = page.request.post(f"{site.url}/logout", form=sent, headers=headers)
            assert answer.status == 403
            assert "form-refused" in answer.text()
        page.goto(f"{site.url}/window")
        expect(page).to_have_url(f"{site.url}/window")
