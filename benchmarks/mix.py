"""The real mix of one district, whole, in process: what an approval system costs a node.

835 operations of ``examples.mix`` (issue, renew, change, re-validate, reissue, cancel), each
wired as the service is, with OFD, PDF and JSON sealed, finally checked and deposited, on the
embedded default and one core. The rate stands beside stock pyHanko's for one sealed PDF
(``issue_three_forms.peer_ms`` of the same run): how many such PDFs one operation costs.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from statistics import median

from benchmarks.issue_and_verify import Bench, bench, one_core
from examples.mix import MIX, replay, share_of
from license_vault.api_clients import Caller, Scope
from license_vault.lifecycle.verbs import VERBS, Makes

SCOPES = frozenset(map(Scope, ("licenses:issue", "licenses:suspend", "licenses:cancel")))


class Deeds:
    """Does what the mix asks for on a node, and keeps how long each verb took."""

    def __init__(self, ours: Bench) -> None:
        self._services = ours.services
        self._caller = Caller("client:mix", ours.caller.organisation_code, SCOPES)
        self._done = 0
        self.took: dict[str, list[float]] = defaultdict(list)

    def do(self, verb: str, identifier: str | None, body: Mapping[str, object]) -> str:
        """Do one verb; return the identifier of the version it is about from then on."""
        self._done += 1
        begun = time.perf_counter()
        found = self._do(verb, identifier, body, f"mix-{self._done}")
        self.took[verb].append((time.perf_counter() - begun) * 1000)
        return found

    def _do(self, verb: str, identifier: str | None, body: Mapping[str, object], key: str) -> str:
        services, caller = self._services, self._caller
        if identifier is None:
            return services.issuance.issue(body, caller, key).license.identifier
        found = VERBS[verb]
        if found.makes is Makes.NOTHING:
            mac = services.macs.idempotency_key(caller.name, key)
            return services.lifecycle.act(identifier, found, body, caller, mac).license.identifier
        return services.versions.make(identifier, found, body, caller, key).license.identifier


def measure(part: float = 1.0) -> dict[str, object]:
    """Replay the mix, or a part of it; return operations per second and milliseconds a verb."""
    with one_core(), bench() as ours:
        deeds = Deeds(ours)
        begun = time.perf_counter()
        operations = sum(1 for _ in replay(deeds.do, MIX if part == 1.0 else share_of(part)))
        spent = time.perf_counter() - begun
    return {
        "mix": {
            "operations": operations,
            "operations_per_second": round(operations / spent, 1),
            **{f"{verb}_ms": round(median(took), 1) for verb, took in sorted(deeds.took.items())},
        }
    }


if __name__ == "__main__":
    share = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    sys.stdout.write(json.dumps(measure(share), indent=2) + "\n")
