"""``license-vault verify --qr TEXT``: what a QR code says, and whether the library signed it.

With ``--trust BUNDLE`` a checker in the field needs no network: the bundle holds the libraries'
certificates and the status lists.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verification.sources import Sources

_FACTS = (
    ("identifier", "证照标识 identifier"),
    ("type_code", "证照类型 type"),
    ("valid_from", "有效期自 valid from"),
    ("valid_until", "有效期至 valid until"),
    ("check_code", "查验码 check code"),
    ("region", "发证地区 region"),
)
_MARKS = {"passed": "✓", "failed": "✕", "indeterminate": "?", "not_checked": "–"}


def verify_qr(sources: Sources, arguments: argparse.Namespace, at: datetime | None) -> int:
    """Judge the code, print the verdict first, leave with its exit status."""
    from license_vault.clock import system_clock
    from verification.policy import load_policy
    from verification.qr_judgement import judge_qr
    from verification.report import exit_code
    from verification.revocation import Moments

    now = system_clock()
    moments = Moments(now if at is None else at, now)
    report = judge_qr(arguments.qr, sources, load_policy(arguments.policy), moments)
    shown = report.to_json()
    if arguments.json:
        sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=1) + "\n")
    else:
        _print(shown)
    return exit_code(report.verdict)


def _print(shown: dict[str, Any]) -> None:
    lines = [shown["sentence"]["zh"], shown["sentence"]["en"]]
    code = shown["code"] or {}
    lines += [f"  {words}: {code[name] or '长期 no end'}" for name, words in _FACTS if name in code]
    for check in shown["checks"]:
        lines.append(f"  {_MARKS[check['outcome']]} {check['sentence']['zh']}")
        lines.append(f"    {check['sentence']['en']}  [{check['check']}: {check['code']}]")
    sys.stdout.write("\n".join(lines) + "\n")
