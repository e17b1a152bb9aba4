"""``make bench``: everything that is measured, in one run, on one core, as ratios.

Results go to ``benchmarks/results/`` as JSON with the versions they were made with. Nothing is
asserted: a ratio is compared with the one before it by whoever changes the code.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks import issue_and_verify, mix, ofd, sm2_engine

RESULTS = Path(__file__).parent / "results"
SECONDS = 30
PACKAGES = ("cryptography", "pyhanko", "gmssl", "typst", "pikepdf", "pypdfium2", "sqlmodel")


def main() -> int:
    """Measure, print, and keep the results."""
    results = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "packages": {name: version(name) for name in PACKAGES},
        "sm2": sm2_engine.measure(SECONDS),
        **issue_and_verify.measure(SECONDS),
        **ofd.measure(SECONDS),
        **mix.measure(),
    }
    RESULTS.mkdir(exist_ok=True)
    name = results["measured_at"][:10]
    (RESULTS / f"{name}.json").write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    for line in ratios(results):
        sys.stdout.write(line + "\n")
    return 0


def ratios(results: dict[str, object], path: str = "") -> Iterator[str]:
    """Yield one line for each ratio."""
    for name, value in results.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, dict):
            yield from ratios(value, here)
        elif "ratio" in here or here.endswith(("_ms", "per_second")):
            yield f"{here:40} {value}"


if __name__ == "__main__":
    sys.exit(main())
