"""What the commands of ``license-vault`` share: two languages, tables, exit codes.

Every message is Chinese first and complete in English. Results go to standard
output, refusals to standard error.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NoReturn, TypeAlias

from api.errors import CommandRefusedError

DONE = 0
REFUSED = 1
USAGE = 64
"""EX_USAGE of sysexits.h; 2, argparse's own, is a verdict here."""

Run = Callable[[argparse.Namespace], int]
Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


class Parser(argparse.ArgumentParser):
    """A parser that leaves with 64 when it is used wrongly."""

    def error(self, message: str) -> NoReturn:
        """Say how the command is used, and leave."""
        self.print_usage(sys.stderr)
        sys.stderr.write(f"{self.prog}: 用法有误 (usage): {message}\n")
        raise SystemExit(USAGE)


def say(zh: str, en: str) -> None:
    """Print a result in both languages."""
    sys.stdout.write(f"{zh}\n{en}\n")


def complain(zh: str, en: str) -> None:
    """Print a refusal in both languages."""
    sys.stderr.write(f"{zh}\n{en}\n")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under a head, columns parted by tabs so that other programs can read them."""
    for row in (head, *rows):
        sys.stdout.write("\t".join(row) + "\n")


def operator() -> str:
    """Return who runs the command, as the audit chain names them; a user without a name: its id."""
    try:
        return f"operator:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"operator:uid-{os.getuid()}"


def tell_program(value: object) -> None:
    """Print a value as JSON, for the program that ran the command."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return what reads an option's whole number, between two bounds."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(
                f"应为 {least} 至 {most} 的整数 a whole number from {least} to {most}"
            )
        return number

    return read


def read_text(path: str) -> str:
    """Return a text file's content.

    Raises:
        CommandRefusedError: it cannot be read.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CommandRefusedError(f"无法读取 {path}。", f"{path} cannot be read.") from error


def write_new(path: str, text: str) -> None:
    """Write a file that must not be there yet.

    Raises:
        CommandRefusedError: it is there, or cannot be written.
    """
    try:
        with Path(path).open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise CommandRefusedError(
            f"{path} 已存在，不会覆盖；请换一个文件名。",
            f"{path} is there already and is not overwritten; name another file.",
        ) from error
    except OSError as error:
        raise CommandRefusedError(f"无法写入 {path}。", f"{path} cannot be written.") from error
