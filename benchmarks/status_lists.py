"""Status lists of ten million licenses, a random quarter not in force: sizes and times.

The lists are laid out as the vault fills them: windows filled to what ``StatusShards`` leaves free,
the last one begun. Two mixes of reasons: as registries have them, and all alike often, which is the
worst for compression. Nothing is asserted here; the figures are in docs/status-lists.md.

    python -m benchmarks.status_lists
"""

from __future__ import annotations

import json
import random  # noqa: TID251  (spread of made-up states, no secret)
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from keys import certificate_authority as authority
from keys import sm2
from keys.certificate import read_certificate
from keys.certificate_authority import CertificateOrder, Subject, build_certificate
from license_vault.status.shards import CAPACITY, WINDOW, StatusShard, StatusShards
from signing.status_changes import StatusBase, build_status_changes
from signing.status_list import StatusListContent, build_status_list, read_status_list
from signing.status_mirror import held_from
from signing.status_reasons import build_status_reasons, read_status_reasons

LICENSES = 10_000_000
NOW = datetime(2026, 6, 1, tzinfo=UTC)
# Of those not in force: cancelled and superseded are most, then lapsed; penalties are few.
REALISTIC = {9: 45, 5: 30, 6: 20, 7: 2, 4: 1.5, 2: 1, 3: 0.3, 8: 0.2}
UNIFORM = dict.fromkeys(range(2, 10), 1.0)
MARKED = 0.001


class _Rows:
    """Stands for the rows of one list: which of its places are taken."""

    def __init__(self) -> None:
        self.taken: set[int] = set()
        self.opened = WINDOW

    def execute(self, _statement: object, parameters: dict[str, Any] | None = None) -> Any:
        if parameters is None:
            row = StatusShard(1, "n", "u/n", CAPACITY, self.opened)
            values = (row.row_id, row.name, row.uri, row.capacity, row.opened)
            return SimpleNamespace(first=lambda: _Row(values))
        asked = parameters.get("drawn") or range(parameters["first"], parameters["last"] + 1)
        return SimpleNamespace(scalars=lambda: self.taken.intersection(asked))


class _Row(tuple[Any, ...]):
    uri, name = "u/n", "n"


def free_in_a_window(drawn: random.Random) -> int:
    """Return how many places stay free in a window when the next one is opened."""
    rows = _Rows()
    shards = StatusShards(cast("Any", rows))
    while True:
        place = shards.draw_place("u", drawn.randbytes)
        if place.shard.opened != WINDOW:
            return WINDOW - len(rows.taken)
        rows.taken.add(place.index)


def states_of_lists(free: int, mix: dict[int, float], drawn: random.Random) -> Iterator[bytes]:
    """Yield the states of list after list, until all licenses have a place."""
    left = LICENSES
    while left:
        windows = []
        while left and len(windows) * WINDOW < CAPACITY:
            count = min(left, WINDOW - free)
            windows.append(_window(count, mix, drawn))
            left -= count
        yield b"".join(windows)


def _window(count: int, mix: dict[int, float], drawn: random.Random) -> bytes:
    ended = count // 4
    codes = drawn.choices(list(mix), list(mix.values()), k=ended)
    marked = drawn.choices(range(10, 16), k=int((count - ended) * MARKED))
    in_force = count - ended - len(marked)
    states = bytearray([*codes, *marked]) + b"\1" * in_force + bytes(WINDOW - count)
    order = list(states)
    drawn.shuffle(order)
    return bytes(order)


def measure() -> dict[str, Any]:
    """Build, sign and read everything; return sizes in bytes and times in seconds."""
    drawn = random.Random(5)
    key, certificate = _signer()
    free = free_in_a_window(drawn)
    results: dict[str, Any] = {"free_in_a_window": free}
    for name, mix in (("realistic", REALISTIC), ("uniform", UNIFORM)):
        lists = list(states_of_lists(free, mix, drawn))
        results[name] = _measure(lists, certificate, key.sign, drawn)
    return results


def _signer() -> tuple[sm2.PrivateKey, bytes]:
    """Return a status key and its certificate, issued by a CA as in earnest."""
    ca, key = sm2.PrivateKey.generate(), sm2.PrivateKey.generate()
    period = (NOW - timedelta(days=1), NOW + timedelta(days=365))
    root = Subject("演示根", "演示省数据局")
    order = CertificateOrder(authority.ROOT, root, ca.public_point, 1 << 120, *period)
    issuer = build_certificate(order, None, ca.sign)
    signer = Subject("状态列表签名者", "演示省数据局")
    order = CertificateOrder(authority.STATUS, signer, key.public_point, 1 << 121, *period)
    return key, build_certificate(order, read_certificate(issuer), ca.sign)


def _measure(
    lists: list[bytes],
    certificate: bytes,
    sign: Callable[[bytes], bytes],
    drawn: random.Random,
) -> dict[str, Any]:
    before = [_content(n, 1, states) for n, states in enumerate(lists)]
    begun = time.process_time()
    planes = [build_status_list(one, certificate, sign) for one in before]
    reasons = [build_status_reasons(one, certificate, sign) for one in before]
    built = time.process_time()
    for plane, why in zip(planes, reasons, strict=True):
        held_from(read_status_list(plane), read_status_reasons(why))
    read = time.process_time()
    after = [
        _content(n, 2, _changed(states, 1000 // len(lists) + 1, drawn))
        for n, states in enumerate(lists)
    ]
    changes = [
        build_status_changes(StatusBase(1, old.states), new, certificate, sign)
        for old, new in zip(before, after, strict=True)
    ]
    return {
        "lists": len(lists),
        "indices": sum(map(len, lists)),
        "planes_bytes": sum(map(len, planes)),
        "reasons_bytes": sum(map(len, reasons)),
        "changes_of_a_minute_bytes": sum(map(len, changes)),
        "build_cpu_seconds": round(built - begun, 2),
        "read_and_check_cpu_seconds": round(read - built, 2),
    }


def _changed(states: bytes, count: int, drawn: random.Random) -> bytes:
    changed = bytearray(states)
    for index in drawn.sample(range(len(states)), count):
        changed[index] = drawn.choice((1, 2, 4, 5, 9))
    return bytes(changed)


def _content(number: int, sequence: int, states: bytes) -> StatusListContent:
    uri = f"https://licenses.example.gov.cn/v1/status-lists/{number:026d}"
    return StatusListContent(uri, sequence, NOW, NOW + timedelta(days=1), states)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(), indent=2) + "\n")
