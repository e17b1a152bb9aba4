"""What a holder has to do, by when."""

from datetime import date

import pytest

from api.pages.my.next_steps import next_steps

TODAY = date(2026, 6, 1)


def license_(state: str = "valid", **changes: object) -> dict:
    return {
        "status": {"code": state},
        "marks": [],
        "authority": {"name": "某局"},
        "suspended_until": None,
        "valid_until": "2030-01-01",
        "content": {"renew_by": "2029-12-02"},
        **changes,
    }


def marked(*codes: str) -> list[dict[str, str]]:
    return [{"code": code} for code in codes]


def renewable(renew_by: str | None, valid_until: str = "2026-07-31") -> dict:
    return license_(valid_until=valid_until, content={"renew_by": renew_by})


@pytest.mark.parametrize(
    ("shown", "said", "pressing"),
    [
        (license_(), "目前无需办理", False),
        (renewable("2026-07-31"), "请在 2026-07-31 前申请", True),
        (renewable("2026-08-01"), "目前无需办理", False),
        (renewable("2026-06-01"), "请在 2026-06-01 前申请", True),
        (renewable("2026-05-31"), "期限（2026-05-31）已过", True),
        (renewable(None, "长期"), "目前无需办理", False),
        ({**renewable("2026-05-01"), "marks": marked("renewal-pending")}, "正在审批", False),
        (license_("suspended"), "发还前不能使用；请联系某局", True),
        (license_("suspended", suspended_until="2026-06-30"), "已暂扣至 2026-06-30", True),
        (license_("lapsed"), "重新申请", False),
        (license_("cancelled"), "已注销", False),
        (license_("issuing"), "正在制作", False),
        (license_("pending"), "自动生效", False),
        (license_(marks=marked("disputed")), "异议正在处理", False),
    ],
)
def test_one_thing_to_do(shown: dict, said: str, pressing: bool) -> None:
    steps = next_steps(shown, TODAY)
    assert said in steps[0].zh
    assert steps[0].en
    assert steps[0].pressing is pressing


def test_what_is_due_first_comes_first_and_what_is_fulfilled_is_not_said() -> None:
    conditions = [
        {"due": "2026-07-01", "fulfilled_at": None},
        {"due": "2026-06-10", "fulfilled_at": None},
        {"due": "2026-06-05", "fulfilled_at": "2026-05-01T00:00:00Z"},
        {"due": "2026-05-20", "fulfilled_at": None},
    ]
    shown = {**renewable("2026-06-20"), "conditions": conditions}
    steps = next_steps(shown, TODAY)
    assert [str(step.until) for step in steps] == [
        "2026-05-20",
        "2026-06-10",
        "2026-06-20",
        "2026-07-01",
    ]
    assert "立即联系" in steps[0].zh


def test_a_suspension_is_said_before_what_is_due_while_it_lasts() -> None:
    conditions = [{"due": "2026-06-10", "fulfilled_at": None}]
    steps = next_steps(license_("suspended", conditions=conditions), TODAY)
    assert "已暂扣" in steps[0].zh
    assert "2026-06-10" in steps[1].zh
