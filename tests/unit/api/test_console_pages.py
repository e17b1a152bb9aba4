"""What pages of the console say, without a node: templates and rules over answers."""

from types import SimpleNamespace
from typing import Any

import pytest

from api.pages.console.jobs import Sent, standing_of
from api.pages.rendering import show


def looking(language: str, path: str = "/console") -> Any:
    return SimpleNamespace(
        language=language,
        chosen_language=None,
        path=path,
        areas=("window", "console"),
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
