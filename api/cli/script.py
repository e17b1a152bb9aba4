"""Several commands in one go: script.

What sets a node up is a dozen commands that would each load the program anew. Nothing else is
different: each line is one command, and the first that is refused ends the script.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator

from api.cli.console import DONE, USAGE, Commands, complain, read_text

STANDARD_INPUT = "-"


def add_commands(commands: Commands) -> None:
    """Add the commands of this group."""
    script = commands.add_parser(
        "script", help="逐行执行文件中的命令 run the commands in a file, one a line"
    )
    script.add_argument(
        "file",
        help="每行一条命令，- 为标准输入 a command a line, - is standard input",
    )
    script.set_defaults(run=run_script)


def run_script(arguments: argparse.Namespace) -> int:
    """Run commands in order; the status of the first that does not succeed, else 0."""
    from api.cli.main import main

    text = sys.stdin.read() if arguments.file == STANDARD_INPUT else read_text(arguments.file)
    for number, line, words in _commands(text):
        if words is None or words[:1] == ["script"]:
            complain(f"第 {number} 行无法执行：{line}", f"Line {number} cannot be run: {line}")
            return USAGE
        sys.stdout.write(f"$ license-vault {line}\n")
        sys.stdout.flush()
        status = main(words)
        if status != DONE:
            complain(f"脚本停在第 {number} 行。", f"The script stopped at line {number}.")
            return status
    return DONE


def _commands(text: str) -> Iterator[tuple[int, str, list[str] | None]]:
    """Yield number, line and words of each command; None where quotes are left open."""
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            yield number, line.strip(), None
            continue
        if words:
            yield number, line.strip(), words
