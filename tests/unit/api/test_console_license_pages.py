"""The console's pages about licenses, drawn of what the API may answer, in both languages."""

from types import SimpleNamespace
from typing import Any

import pytest

from api.pages.console.issue_form import Shown
from api.pages.console.licenses import Beside, own_pdf, possible
from api.pages.rendering import show
from license_vault.api_clients import Scope
from license_vault.lifecycle.verbs import VERBS, Makes

STATUS = {"code": "valid", "zh": "有效", "en": "valid"}
LICENSE: dict[str, Any] = {
    "identifier": "1.2.3",
    "type": {"code": "c", "version": "v1", "name_zh": "许可证", "name_en": "Permit"},
    "authority": {"code": "a", "name": "演示局", "region": "310114"},
    "copy": {"kind": "副本", "ordinal": 1, "of": 2},
    "issued_on": "2026-01-01",
    "valid_from": "2026-01-01",
    "valid_until": "长期",
    "status": STATUS,
    "holders": ["h"],
    "files": [{"form": "pdf", "trust_level": None}],
    "recorded_at": "2026-11-22T00:00:00Z",
    "marks": [],
    "predecessor": None,
    "successor": None,
    "in_force_from": None,
    "suspended_until": None,
    "as_of": {"state": None, "known_then": None},
    "parts": [],
    "conditions": [],
}
PARTS = [{"code": "food", "name": "食品", "number": "N-1", "valid_until": "长期"}]
RENEWAL_SCOPE = VERBS["renewal-refusal"].scope
KINDS = ("text", "list", "records", "long_text", "date", "choice")
TYPE = {
    "name": {"zh": "许可证", "en": "Permit"},
    "parts": None,
    "fields": [
        {"key": kind, "name": {"zh": kind, "en": kind}, "kind": kind, "choices": ["甲"]}
        for kind in KINDS
    ],
}


def visitor(language: str, *actions: str) -> Any:
    return SimpleNamespace(
        language=language,
        chosen_language=None,
        path="/console/licenses/1.2.3",
        in_language=lambda other: f"/console/licenses/1.2.3?lang={other}",
        areas=("console",),
        session=SimpleNamespace(),
        anti_forgery="x",
        rights=frozenset(actions),
        officer=SimpleNamespace(scopes=frozenset(map(Scope, actions))),
    )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("verb", [v for v in VERBS.values() if v.makes is not Makes.LICENSE])
def test_the_form_of_each_verb_is_drawn(language: str, verb: Any) -> None:
    wrong = {"/parts/0/number": STATUS, "/basis": STATUS}
    for typed, errors in (({"basis": ""}, {}), ({"fields": {"list": ["甲", "乙"]}}, wrong)):
        page = show(
            visitor(language),
            "console/licenses_order.html",
            license=LICENSE,
            seen="{}",
            verb=verb,
            possible=False,
            makes_version=verb.makes is Makes.VERSION,
            type=TYPE,
            items={},
            typed=typed,
            shown=Shown({"parts": PARTS}, errors),
            problem=None,
            place_names=dict.fromkeys(errors, STATUS),
            parts_unread=bool(errors),
            parts_before="{}" if verb.name == "change" else None,
            states={"food": STATUS},
            base="{}",
            long_term="长期",
        )
        assert f"orders/{verb.name}".encode() in page.body


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_license_is_drawn_with_what_was_done(language: str) -> None:
    for made, done in ((True, None), (False, ("暂扣", "suspend")), (False, None)):
        page = show(
            visitor(language),
            "console/licenses_one.html",
            license=LICENSE,
            events=(),
            verbs=tuple(VERBS.values()),
            names={},
            conditions=(),
            may_issue=False,
            open=True,
            beside=Beside(as_of="2026-01-01", made=made),
            done=done,
            problem=None,
        )
        assert "副本".encode() in page.body
        assert (b'id="answer"' in page.body) is bool(made or done)


def test_only_what_the_state_and_the_rights_allow_is_offered() -> None:
    offered = possible(visitor("zh", "licenses:suspend"), LICENSE)
    assert [verb.name for verb in offered] == ["suspension"]
    suspended = {**LICENSE, "status": {**STATUS, "code": "suspended"}}
    offered = possible(visitor("zh", "licenses:suspend"), suspended)
    assert [verb.name for verb in offered] == ["resumption"]
    assert possible(visitor("zh", "licenses:read"), LICENSE) == ()


def test_a_renewal_is_refused_where_one_waits_and_applied_for_where_there_is_a_last_day() -> None:
    def offered(**changes: object) -> set[str]:
        verbs = possible(visitor("zh", RENEWAL_SCOPE), {**LICENSE, **changes})
        return {verb.name for verb in verbs} & {"renewal-application", "renewal-refusal"}

    assert offered(valid_until="长期") == set()
    assert offered(valid_until="2030-01-01") == {"renewal-application"}
    waiting = [{"code": "renewal-pending", "zh": "", "en": ""}]
    assert offered(valid_until="2030-01-01", marks=waiting) == {"renewal-refusal"}


def test_what_others_have_sealed_is_not_drawn_here() -> None:
    assert own_pdf(LICENSE)
    assert not own_pdf({"files": [{"form": "pdf", "trust_level": "A"}]})
    assert not own_pdf({"files": [{"form": "ofd", "trust_level": None}]})
