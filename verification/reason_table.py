"""The table of all reasons for docs/reason-codes.md: ``python -m verification.reason_table``."""

from __future__ import annotations

import sys

from verification.explanations import Reason, all_reasons

_HEAD = """# 原因代码 (reason codes)

Every reason a verification report can give. A code never changes its meaning. This page is written
by `python -m verification.reason_table` from `verification/reasons.toml`; a test compares the two.

*effect*: what the reason makes of the verdict (`passed` and `note` nothing, `mark` a word in the
first sentence). *sub-indication*: EN 319 102-1. Values in braces are filled in.
"""


def reason_table() -> str:
    """Return the page."""
    parts = [_HEAD]
    check = ""
    for reason in all_reasons().values():
        if reason.check != check:
            check = reason.check
            parts.append(f"\n## {check}\n")
            parts.append(f"{reason.how.zh}。{reason.how.en}.\n")
            parts.append("| code | effect | sub-indication | 中文 | English |")
            parts.append("|---|---|---|---|---|")
        parts.append(_row(reason))
    return "\n".join(parts) + "\n"


def _row(reason: Reason) -> str:
    sub = reason.sub_indication or ""
    sentence = reason.sentence
    return f"| `{reason.code}` | {reason.effect} | {sub} | {sentence.zh} | {sentence.en} |"


if __name__ == "__main__":
    sys.stdout.write(reason_table())
