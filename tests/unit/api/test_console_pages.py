"""What pages of the console say, without a node: templates and rules over answers."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from api.pages.console.grants import Wish
from api.pages.console.jobs import Sent, standing_of
from api.pages.console.seal_acts import Look, Order
from api.pages.console.seals import (
    WORDS,
    CertificatePeriod,
    Refused,
    acts_for,
    application_page,
    forms_for,
    look_of,
    period_of,
)
from api.pages.console.types import term_in
from api.pages.rendering import show
from license_vault.seals.life import SealAct, SealState
from license_vault.seals.roles import SealRole


def looking(language: str, path: str = "/console") -> Any:
    return SimpleNamespace(
        language=language,
        chosen_language=None,
        path=path,
        in_language=lambda other: f"{path}?lang={other}",
        areas=("window", "console"),
        rights=frozenset(("licenses:read",)),
        session=object(),
        anti_forgery="x",
        secure=False,
    )


def page(language: str, template: str, **values: object) -> str:
    return bytes(show(looking(language), template, **values).body).decode()


def job(state: str, left: int = 3, bad: int = 0, **more: object) -> dict[str, Any]:
    return {
        "id": "x3v0q9m2k7c8w5r1t6y4n0b2dz",
        "kind": "import",
        "state": state,
        "rows": 10,
        "counts": {"done": 10 - left - bad, "existing": 0, "bad": bad},
        "left": left,
        "created_at": "2026-06-01T00:00:00Z",
        "started_at": None,
        "changed_at": "2026-06-01T00:00:00Z",
        "finished_at": None,
        "rows_per_minute": None,
        "expected_at": None,
        **more,
    }


@pytest.mark.parametrize(
    ("state", "safe", "can_pause", "can_resume"),
    [
        ("staging", False, False, False),
        ("waiting", True, True, False),
        ("running", True, True, False),
        ("paused", None, False, True),
        ("finished", None, False, False),
    ],
)
def test_a_batch_says_whether_it_may_be_stopped(
    state: str, safe: bool | None, can_pause: bool, can_resume: bool
) -> None:
    standing = standing_of(job(state))
    assert (standing.safe, standing.can_pause, standing.can_resume) == (safe, can_pause, can_resume)
    assert (standing.ended, standing.percent) == (7, 70.0)


def test_a_running_batch_tells_rate_and_finish_in_both_languages() -> None:
    running = job("running", rows_per_minute=340.5, expected_at="2026-06-01T01:30:00Z")
    values = {"job": running, "standing": standing_of(running)}
    zh, en = (page(language, "console/job.html", **values) for language in ("zh", "en"))
    assert "340.5 行/分钟" in zh
    assert "2026-06-01 09:30" in zh
    assert "可以。" in zh
    assert "340.5 rows a minute" in en
    assert "Yes." in en


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("state", ["staging", "waiting", "running", "paused", "finished"])
def test_every_state_of_a_batch_has_its_words(state: str, language: str) -> None:
    one = job(state, bad=1)
    listed = page(
        language,
        "console/jobs.html",
        jobs=[(one, standing_of(one))],
        next=None,
        sent=Sent(),
        problem=None,
    )
    assert one["id"] in listed
    assert one["id"] in page(language, "console/job.html", job=one, standing=standing_of(one))


NOW = datetime(2026, 6, 1, tzinfo=UTC)


PICTURE = {
    "shape": "round", "ring_text": "演示局", "lower_text": "专用章", "number": "",
    "width_mm": 42, "height_mm": 42,
}  # fmt: skip


def seal(state: str, **more: object) -> dict[str, Any]:
    return {
        "code": "31011400000009",
        "kind": {"code": "special", "zh": "专用章", "en": "special seal"},
        "name": "演示专用章",
        "state": {"code": state, "zh": f"{state}-zh", "en": f"{state}-en"},
        "owner": {"organisation_code": "x", "holder": None, "name": "演示局"},
        "filing_number": None,
        "cancellation_number": None,
        "certificate": None,
        "made": None,
        "picture": PICTURE,
        "grants": [],
        "applied_at": "2026-05-01T00:00:00Z",
        "changed_at": "2026-05-01T00:00:00Z",
        **more,
    }


@pytest.mark.parametrize(
    ("ends", "days", "tone"),
    [
        ("2026-05-30T00:00:00Z", -2, "bad"),
        ("2026-06-11T00:00:00Z", 10, "ended"),
        ("2027-06-01T00:00:00Z", 365, "good"),
    ],
)
def test_a_certificate_that_ends_soon_is_seen(ends: str, days: int, tone: str) -> None:
    period = period_of(seal("active", certificate={"valid_until": ends}), NOW)
    assert (period.days, period.tone) == (days, tone)
    assert period_of(seal("applied"), NOW) is None


def test_only_managers_are_offered_what_the_state_allows() -> None:
    assert acts_for(seal("applied"), SealRole.MANAGE) == (SealAct.APPROVE, SealAct.REJECT)
    assert acts_for(seal("cancelled"), SealRole.MANAGE) == ()
    assert acts_for(seal("applied"), SealRole.USE) == ()
    assert acts_for(seal("applied"), None) == ()
    assert forms_for(seal("approved"), SealRole.MANAGE) == (
        "certificate-requests",
        "making",
        "grant",
    )
    assert forms_for(seal("rejected"), SealRole.MANAGE) == ()
    assert forms_for(seal("active"), SealRole.USE) == ("sealings",)
    assert forms_for(seal("suspended"), SealRole.USE) == ()
    assert forms_for(seal("active"), SealRole.AUDIT) == ()


APPLICATIONS = [
    {
        "purpose": {"code": purpose, "zh": "申请", "en": "application"},
        "basis": "启用",
        "applied_by": "officer:anna",
        "applied_at": "2026-05-01T00:00:00Z",
        "decision": {"code": "rejected", "zh": "不予批准", "en": "rejected"} if decided else None,
        "decision_basis": "不符" if decided else None,
        "decided_by": "officer:bert" if decided else None,
        "decided_at": "2026-05-02T00:00:00Z" if decided else None,
    }
    for purpose, decided in (("make", True), ("remake", True), ("remake", False))
]
ACTS = [
    {
        "recorded_at": "2026-05-01T00:00:00Z",
        "actor": actor,
        "action": "seal.approved.refused",
        "details": {"basis": "同意", "error": "SamePersonError", "step": "approve"},
    }
    for actor in ("officer:anna", "holder:h1", "client:c1", "node")
]
PROBLEM = {
    "status": 422,
    "code": "seal-refused",
    "reason": "number",
    "messages": {each: {"title": each, "detail": each} for each in ("zh", "en")},
    "errors": [{"pointer": "/basis", "messages": {"zh": "空", "en": "empty"}}],
}


@pytest.mark.parametrize("agrees", [True, False])
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("state", list(SealState))
def test_every_state_of_a_seal_has_its_words(state: str, language: str, agrees: bool) -> None:
    uses = {
        "agrees": agrees,
        "readable": True,
        "signatures": 3,
        "recorded": 2,
        "unfinished": 0,
        "unexplained": 0 if agrees else 1,
        "missing": 0,
    }
    one = seal(state)
    for role in SealRole:
        told = page(
            language,
            "console/seal.html",
            seal=one,
            period=None,
            uses=uses,
            applications=APPLICATIONS,
            acts={"items": ACTS, "next": "a b"} if role is SealRole.AUDIT else None,
            role=role.value,
            may=forms_for(one, role),
            types=("11310000MBDEM00076002",),
            refused=Refused("remake", {"basis": "typed"}, PROBLEM),
            typed=look_of(one),
            **WORDS,
        )
        assert told.count('id="refused"') == 1
        if "remake" in forms_for(one, role):
            assert 'value="typed"' in told
            assert 'value="演示局"' in told
        assert ("?after=a%20b" in told) == (role is SealRole.AUDIT)
        assert f"{state}-{language}" in told


UPLOADED = {**PICTURE, "shape": "uploaded", "ring_text": "", "lower_text": ""}


@pytest.mark.parametrize("now", [PICTURE, UPLOADED])
def test_a_form_that_nobody_changed_leaves_the_picture_as_it_is(now: dict[str, Any]) -> None:
    one = seal("active", picture=now)
    look = Look(**look_of(one))
    assert Order("依据", "名称", look, b"").body(one) == {"basis": "依据", "name": "名称"}
    typed = replace(look, width_mm="44")
    assert Order("依据", "名称", typed, b"").body(one)["picture"]["width_mm"] == 44


def test_another_picture_keeps_what_is_engraved_as_its_number() -> None:
    one = seal("active")
    drawn = replace(Look(**look_of(one)), ring_text="新名")
    assert Order("依据", "名称", drawn, b"").body(one)["picture"] == {
        **PICTURE, "ring_text": "新名",
    }  # fmt: skip
    uploaded = seal("active", picture=UPLOADED)
    assert Order("依据", "名称", drawn, b"").body(uploaded)["picture"]["number"] == one["code"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_lists_and_the_application_are_drawn(language: str) -> None:
    period = CertificatePeriod(10, "ended")
    role = {
        "person": "anna",
        "role": {"code": "manage", "zh": "印章管理", "en": "manages seals"},
        "since": "2026-01-01T00:00:00Z",
    }
    values = {"seals": [(seal("active"), period)], "next": None, "roles": [role], "role": "manage"}
    assert "anna" in page(language, "console/seals.html", **values)
    visitor = looking(language)
    visitor.officer = SimpleNamespace(organisation_code="11310114MBDEM0015F")
    assert b"11310114MBDEM0015F" in application_page(visitor).body


TYPES = {"11310000MBDEM00076002": {"zh": "卫生许可证", "en": "Hygiene permit"}}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("state", ["requested", "granted", "refused", "revoked", "expired"])
def test_every_state_of_a_grant_has_its_words(state: str, language: str) -> None:
    request = {
        "number": "n1",
        "consumer": "x",
        "item_code": "DEMO-1",
        "type_code": "11310000MBDEM00076002",
        "purpose": "核对",
        "basis": "规定",
        "state": {"code": state, "zh": state, "en": state},
        "asked_at": "2026-06-01T00:00:00Z",
        "decided_at": None,
        "expires_at": None,
    }
    values = {"types": TYPES, "own": "y", "problem": None}
    told = page(language, "console/grant.html", request=request, **values)
    assert TYPES["11310000MBDEM00076002"][language] in told
    assert ("/revocation" in told) == (state == "granted")
    assert ("/refusal" in told) == (state == "requested")
    listed = page(
        language, "console/grants.html", requests=[request], next=None, wish=Wish(), **values
    )
    assert "/console/grants/n1" in listed


@pytest.mark.parametrize(
    ("term", "in_english"),
    [("4年", "4 years"), ("1月", "1 month"), ("长期", "no end"), ("至65岁", "至65岁")],
)
def test_terms_are_told_in_english(term: str, in_english: str) -> None:
    assert term_in("en", term) == in_english
    assert term_in("zh", term) == term
