"""What the pages of copies, disputes, agents and seals make of forms and of the API's answers."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from api.pages.inner_api import InnerApi, ProblemShownError
from api.pages.my.agency import AgentTyped, MandateForm, _counts, mandate_form
from api.pages.my.forms import Names, beside_the_form
from api.pages.my.journal import _use
from api.pages.my.seals import PictureForm, seal_form
from api.pages.my.vault import Vault
from api.pages.visitor import Visitor

AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
DISPUTE = {
    "reference": "KY20260601K3V0Q9M2K7C8", "region": "320000", "license": "1.2.156.1",
    "field": "valid_until", "grounds": "应为 2031 年", "filed_at": "2026-06-01T04:00:00Z",
    "state": "open", "reason": None, "number": "YY1", "due_on": "2026-06-23", "outcome": None,
    "answer": None, "answered_at": None,
}  # fmt: skip


def vault(language: str) -> Vault:
    api = cast(InnerApi, None)
    told = cast(Any, language)
    visitor = Visitor(told, None, "/my/me/disputes", api, None, None, "", secure=False)
    return Vault(visitor, api, "me", "x" * 26, frozenset({"dispute"}), (), None)


@pytest.mark.parametrize(
    ("changes", "zh", "en"),
    [
        ({"state": "sending", "number": None, "due_on": None}, "您不必再提交", "need not file it"),
        ({"state": "not-taken", "reason": "unknown-field"}, "没有受理", "did not take it"),
        ({}, "最迟 <strong>2026-06-23", "by <strong>2026-06-23"),
        ({"state": "overdue"}, "逾期未答复", "answer overdue"),
        (
            {"state": "answered", "outcome": {"code": "upheld", "zh": "异议成立", "en": "upheld"},
             "answer": "更正", "answered_at": "2026-06-02T04:00:00Z"},
            "异议成立", "upheld",
        ),
    ],
)  # fmt: skip
def test_a_dispute_at_a_partner_says_where_it_stands(
    changes: dict[str, Any], zh: str, en: str
) -> None:
    for language, words in (("zh", zh), ("en", en)):
        page = vault(language).show(
            "my/dispute.html", dispute={**DISPUTE, **changes}, type=None, names=Names({})
        )
        text = bytes(page.body).decode()
        assert words in text
        assert "KY20260601K3V0Q9M2K7C8" in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_disputes_abroad_stand_beside_the_own_ones(language: str) -> None:
    own = {**DISPUTE, "type_code": "T", "holder": "x" * 26}
    values = {
        "disputes": [own],
        "abroad": [DISPUTE],
        "next": None,
        "licenses": (),
        "partner_licenses": ({"name": "n1", "region": "320000", "type_code": "T"},),
        "types": {"T": {"zh": "营业执照", "en": "Business license"}},
        "names": Names({}),
    }
    text = bytes(vault(language).show("my/disputes.html", **values).body).decode()
    for page in ("YY1", f"partners/{DISPUTE['reference']}", "partners/new/n1"):
        assert f'href="/my/me/disputes/{page}"' in text


def test_every_type_is_every_type() -> None:
    agent = AgentTyped("赵一", "111", "1")
    assert mandate_form(agent, ["view"], ["A", "*"]).body()["type_codes"] == ["*"]
    assert mandate_form(agent, ["view"], ["A"]).body()["type_codes"] == ["A"]
    assert mandate_form(agent).body()["actions"] == []
    assert MandateForm().actions == ("view",)


@pytest.mark.parametrize(
    ("ends", "revoked", "counts"),
    [
        (None, None, True),
        ("2026-06-01T15:59:59Z", None, True),
        ("2026-05-31T15:59:59Z", None, False),
        (None, "2026-05-01T00:00:00Z", False),
    ],
)
def test_a_mandate_counts_until_its_end(
    ends: str | None, revoked: str | None, counts: bool
) -> None:
    assert _counts({"ends_at": ends, "revoked_at": revoked}, AT) is counts


def test_a_picture_is_asked_for_in_its_size() -> None:
    oval = PictureForm("ellipse", "演示", "").body()
    assert (oval["width_mm"], oval["height_mm"], "png" in oval) == (45, 30, False)
    sent = PictureForm("uploaded", "演示", png=b"x", width_mm=18, height_mm=18).body()
    assert sent == {"shape": "uploaded", "png": "eA==", "width_mm": 18, "height_mm": 18}


def test_a_basis_is_one_of_ours() -> None:
    assert seal_form("31000012345678", basis="张三的身份证").basis == "首次申请"


def test_what_nobody_can_mend_in_the_form_is_a_page_of_its_own() -> None:
    assert beside_the_form(ProblemShownError({"status": 409, "code": "x"}))["code"] == "x"
    for status in (403, 404, 503):
        with pytest.raises(ProblemShownError):
            beside_the_form(ProblemShownError({"status": status, "code": "x"}))


def test_a_use_is_told_in_words() -> None:
    entry = {
        "actor": "partner:320000", "action": "verified", "license": "L",
        "fields": ["number", "fields.address", "fields.gone"],
        "use": {"organisation": "O", "operator": "w-1"},
    }  # fmt: skip
    page = {"organisations": {}, "types": {"L": {"code": "T", "zh": "营业执照", "en": "x"}}}
    names = Names({("T", "address"): {"zh": "住所", "en": "Address"}})
    told = _use(entry, page, {}, names)
    assert (told["who"]["zh"], told["organisation"], told["name"]) == ("伙伴地区", "O", "w-1")
    assert [name["zh"] for name in told["seen"]] == ["证照编号", "住所", "fields.gone"]
    by_agent = {**entry, "actor": "agent:a1", "use": None}
    told = _use(by_agent, page, {"a1": ("representation", "赵一")}, names)
    assert (told["who"]["zh"], told["name"]) == ("法定代表人", "赵一")
    told = _use(by_agent, page, {"a1": ("mandate", "赵一")}, names)
    assert (told["who"]["zh"], told["name"]) == ("代理人", "赵一")
