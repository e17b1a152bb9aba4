"""Sentences of problems name states in their own language; members stay codes, for programs."""

import re

import pytest

from api.problems.answers import problem_of
from api.problems.kinds import KINDS
from api.problems.state_words import in_words
from license_vault.access.requests import AccessState
from license_vault.bulk.jobs import JobState
from license_vault.cases.case import CaseState
from license_vault.errors import TransitionNotAllowedError
from license_vault.events.subscriptions import WebhookState
from license_vault.license import LicenseStatus
from license_vault.license_types.license_type import TypeState
from license_vault.seals.life import SealAct, SealState


def test_a_refused_verb_says_in_chinese_what_the_license_is() -> None:
    error = TransitionNotAllowedError("1.2.156", "suspended", "superseded")
    told = problem_of(error).document("zh", "r")
    assert told["detail"] == "证照现为“暂扣”，不能变为“被替代”。"
    assert (
        told["messages"]["en"]["detail"] == "The license is suspended; it cannot become superseded."
    )
    assert (told["current"], told["wanted"]) == ("suspended", "superseded")


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        *(("transition-not-allowed", {"current": one, "wanted": one}) for one in LicenseStatus),
        ("transition-not-allowed", {"current": "renewal-pending", "wanted": "renewal-pending"}),
        *(("license-not-in-force", {"current": one}) for one in LicenseStatus),
        *(("case-state", {"current": one}) for one in CaseState),
        *(("seal-state", {"current": one, "act": "cancel"}) for one in SealState),
        *(("seal-state", {"current": "made", "act": one}) for one in SealAct),
        *(("job-state", {"state": one, "wanted": "resumed"}) for one in JobState),
        *(("access-request-state", {"current": one, "act": "granted"}) for one in AccessState),
        *(("webhook-state", {"current": one, "act": "activation"}) for one in WebhookState),
    ],
)
def test_no_code_stands_in_a_chinese_sentence(kind: str, values: dict[str, str]) -> None:
    values = {name: str(value) for name, value in values.items()}
    assert not re.search("[A-Za-z]", KINDS[kind].messages(values)["zh"]["detail"])


def test_states_of_types_that_do_not_issue_have_words() -> None:
    for state in set(TypeState) - {TypeState.PUBLISHED}:
        zh, en = in_words("license-type-not-published", {"state": state.value})
        assert not str(zh["state"]).isascii()
        assert en["state"]
