"""How fast the SM2 engine signs and verifies, beside gmssl and ``openssl speed sm2``.

All three take turns on one core within one run, in CPU seconds, so the ratios hold on a busy
machine where the rates do not. Nothing is asserted. The engine is measured from Python as the
service calls it: message in, Z and SM3 inside, strict DER out.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from gmssl.sm2 import CryptSM2

from keys import sm2

MESSAGE = bytes(200)
ROUNDS = 5


def measure(seconds: float) -> dict[str, Any]:
    """Measure for about the seconds given, but 15 at least; return rates and ratios.

    The rates are operations a second of CPU time, the median of the rounds; the ratios are
    medians of the ratio within each round.
    """
    # A round has six slices of ours and two of openssl, which takes whole seconds.
    slice_seconds = max(0.15, (seconds / ROUNDS - 2) / 6)
    with _one_core():
        rounds = [_round(slice_seconds) for _ in range(ROUNDS)]
    return {
        "engine": sm2.engine_description(),
        "openssl": _openssl_version(),
        "message_bytes": len(MESSAGE),
        "rates_per_cpu_second": {
            who: {what: _median(each[who][what] for each in rounds) for what in ("sign", "verify")}
            for who in rounds[0]
        },
        "ratios": {
            f"{what}_to_{other}": _median(
                each["engine"][what] / each[other][what] for each in rounds
            )
            for other in rounds[0]
            if other != "engine"
            for what in ("sign", "verify")
        },
    }


def _median(values: Iterator[float]) -> float:
    return round(median(values), 3)


def _round(slice_seconds: float) -> dict[str, dict[str, float]]:
    """Measure the engine before and after the others, so that a drift of the machine cancels."""
    before = _engine(slice_seconds)
    found = {"gmssl": _gmssl(slice_seconds)}
    if shutil.which("openssl") is not None:
        found["openssl_speed"] = _openssl_speed()
    after = _engine(slice_seconds)
    return {"engine": {what: (before[what] + after[what]) / 2 for what in before}, **found}


def _engine(slice_seconds: float) -> dict[str, float]:
    key = sm2.PrivateKey.generate()
    signature = key.sign(MESSAGE)
    return {
        "sign": _rate(lambda: key.sign(MESSAGE), slice_seconds),
        "verify": _rate(lambda: sm2.verify(key.public_point, MESSAGE, signature), slice_seconds),
    }


def _gmssl(slice_seconds: float) -> dict[str, float]:
    # A key for this measurement only: gmssl's nonces give the key away.
    scalar = secrets.randbelow(sm2.CURVE_ORDER - 2) + 1
    point = sm2.PrivateKey.from_scalar(scalar).public_point
    other = CryptSM2(private_key=f"{scalar:064x}", public_key="")
    other.public_key = point[1:].hex()
    signature = other.sign_with_sm3(MESSAGE)
    return {
        "sign": _rate(lambda: other.sign_with_sm3(MESSAGE), slice_seconds),
        "verify": _rate(lambda: other.verify_with_sm3(signature, MESSAGE), slice_seconds),
    }


def _rate(work: Callable[[], object], seconds: float) -> float:
    """Return calls a CPU second over at least the seconds."""
    work()
    count, batch = 0, 1
    began = time.process_time()
    while (spent := time.process_time() - began) < seconds:
        for _ in range(batch):
            work()
        count, batch = count + batch, min(2 * batch, 64)
    return count / spent


def _openssl_speed() -> dict[str, float]:
    """Run ``openssl speed`` for two seconds; it counts user CPU time of its own accord."""
    done = subprocess.run(
        ["openssl", "speed", "-seconds", "1", "sm2"],
        capture_output=True,
        check=True,
        text=True,
    )
    # The last line: 256 bits SM2 (CurveSM2)   0.0004s   0.0004s   2245.0   2351.0
    fields = done.stdout.strip().splitlines()[-1].split()
    return {"sign": float(fields[-2]), "verify": float(fields[-1])}


def _openssl_version() -> str | None:
    if shutil.which("openssl") is None:
        return None
    done = subprocess.run(["openssl", "version"], capture_output=True, check=True, text=True)
    return done.stdout.strip()


@contextmanager
def _one_core() -> Iterator[None]:
    """Keep this process and its children on one core meanwhile."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


if __name__ == "__main__":
    json.dump(measure(20), sys.stdout, indent=1)
    sys.stdout.write("\n")
