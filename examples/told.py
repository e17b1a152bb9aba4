"""Step: who is told. A subscriber by signed webhooks, the upper directory by signed batches."""

from __future__ import annotations

import time
from collections.abc import Callable

from examples.directory_server import Directory
from examples.node import DemoFailedError
from examples.requests_to_issue import hygiene
from examples.subscriber import Subscriber
from examples.systems import ApprovalSystem
from examples.table import Table

PATIENCE_SECONDS = 60


def run(system: ApprovalSystem, directory: Directory, table: Table) -> None:
    """Issue and suspend a license, and see who heard of it; have one refused and corrected."""
    table.step("6 事件、归集 webhooks and the upper directory")
    subscriber = Subscriber()
    with subscriber.serving():
        wish = {"url": subscriber.url, "kinds": ["license.issued", "license.suspended"]}
        made = system.http.post("/v1/webhooks", wish).json()
        subscriber.secret = made["secret"]
        identifier = system.issue(hygiene())["identifier"]
        system.verb(identifier, "suspension", {"basis": "《中华人民共和国行政处罚法》第九条"})
        await_that(lambda: len(subscriber.heard) >= 2, "two webhooks")
        system.http.post(f"/v1/webhooks/{made['number']}/removal")
    told = sorted(f"{one['type']} {one['data']['state']}" for one in subscriber.heard.values())
    table.check("webhooks, signed", ", ".join(told), "license.issued", "license.suspended")
    report(system, identifier, directory, table)


def report(system: ApprovalSystem, identifier: str, directory: Directory, table: Table) -> None:
    """归集: everything is reported; what the directory refuses is a work list."""
    await_that(lambda: _figures(system)["due"] == 0, "reports to the directory")
    directory.refusing.add(identifier)
    system.verb(identifier, "resumption", {"basis": "《中华人民共和国行政处罚法》第九条"})
    await_that(lambda: _figures(system)["refused"] == 1, "the refusal of the directory")
    (error,) = system.http.get("/v1/directory/errors").json()["items"]
    told = f"{error['identifier']}: {error['errors'][0]['code']}"
    table.check("错误清单 refused by the directory", told, identifier, "quality-check")
    directory.refusing.clear()
    system.http.post(f"/v1/directory/errors/{identifier}/resending")
    await_that(lambda: _figures(system)["refused"] == _figures(system)["due"] == 0, "resending")
    figures = _figures(system)
    told = (
        f"归集率 {figures['collection_rate']:.0%} of {figures['to_report']:.0f}, "
        f"合格率 {figures['qualified_rate']:.0%}, 签发率 {figures['signing_rate']:.0%}"
    )
    table.check("归集 after resending", told, "归集率 100%", "合格率 100%", "签发率 100%")


def await_that(true: Callable[[], bool], what: str) -> None:
    """Wait until something is true.

    Raises:
        DemoFailedError: it does not become true.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise DemoFailedError(f"{what}: not within {PATIENCE_SECONDS} s")
        time.sleep(0.5)


def _figures(system: ApprovalSystem) -> dict[str, float]:
    found: dict[str, float] = system.http.silent().get("/v1/directory/figures").json()
    return found
