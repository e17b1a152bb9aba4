"""Step: existing stock comes in by one command, which is killed once and goes on."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from examples.node import DEMO, Node, say
from examples.people import Person
from examples.requests_to_issue import ENTERPRISE, example, today
from examples.setting_up import authority
from examples.table import Table
from license_vault.check_digits import uscc_check_character

ROWS = 200
HOLDERS = 40
PROGRESS = re.compile(r"(\d+)/(\d+) \(")


def run(node: Node, rows: int, table: Table) -> None:
    """Import the stock; kill -9 when some rows are done, resume, count."""
    table.step("0 存量 the stock of a district, imported in bulk before the node serves")
    file = DEMO / "stock.ndjson"
    with file.open("w", encoding="utf-8") as out:
        out.writelines(f"{json.dumps(row, ensure_ascii=False)}\n" for row in stock(rows))
    words = ("import", str(file), "--org", authority()["code"], "--basis", "存量证照电子化")
    table.check("import, and kill -9", kill_when_under_way(node.start(*words)))
    printed = list(lines_of(node.start(*words, "--resume")))
    # One row more is wrong, and told with its reason.
    counts = f"{rows} done, 0 there already, 1 refused, {rows + 1} rows in all"
    table.check("import --resume", printed[-1], counts)
    refused = (DEMO / "stock.errors.ndjson").read_text(encoding="utf-8").splitlines()
    (problem,) = json.loads(refused[0])["problems"]
    table.check(f"{refused.count(refused[0])} refused row", problem["pointer"], "/number")


def kill_when_under_way(process: subprocess.Popen[str]) -> str:
    """Kill an import when its first rows are done; return how far it was."""
    for line in lines_of(process):
        found = PROGRESS.search(line)
        if found and 0 < int(found[1]) < int(found[2]):
            process.kill()
            process.communicate()
            say("$ kill -9")
            return f"{found[1]} of {found[2]} rows done"
    return "not killed: this machine was faster than the progress line"


def lines_of(process: subprocess.Popen[str]) -> Iterator[str]:
    """Yield what an import tells, and say it; its log, in JSON, is left out."""
    for line in process.stdout or ():
        if line.strip() and not line.startswith("{"):
            say(f"  {line.rstrip()}")
            yield line.rstrip()
    process.wait()


def stock(rows: int) -> Iterator[dict[str, Any]]:
    """Yield licenses of a district's stock; one ends soon, and one more has a wrong number."""
    for number in range(1, rows + 1):
        holder = ENTERPRISE if number == 1 else _enterprise(number % HOLDERS)
        row = _row(number, holder)
        if number == 1:
            row["valid_until"] = (today() + timedelta(days=20)).isoformat()
        yield row
    yield {**_row(rows + 1, ENTERPRISE), "number": "无号"}


def _row(number: int, holder: Person) -> dict[str, Any]:
    row = example(
        "public-place-hygiene",
        number=f"沪嘉卫公证字〔2024〕第{number:06d}号",
        holders=[holder.as_holder],
        issued_on="2024-05-06",
        valid_from="2024-05-06",
        valid_until="2028-05-05",
    )
    for unknown in ("case_number", "item_code", "basis"):
        del row[unknown]
    return row


def _enterprise(number: int) -> Person:
    body = f"9131011{number:010d}"
    return Person(f"演示企业{number}号", "001", body + uscc_check_character(body))
