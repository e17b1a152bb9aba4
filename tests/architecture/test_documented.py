"""What the documentation lists is what the code has."""

import inspect
import re
from pathlib import Path

import api.errors
from api.problems.kinds import KINDS
from api.problems.table import TABLE
from api.settings_listing import described
from keys.errors import KeyCustodyError
from license_vault.errors import LicenseVaultError
from signing.errors import SigningError
from verification.errors import VerificationError

DOCS = Path(__file__).parents[2] / "docs"


def rows(name: str) -> list[tuple[str, ...]]:
    lines = (DOCS / name).read_text(encoding="utf-8").splitlines()
    cells = [tuple(c.strip() for c in line.strip("|").split("|")) for line in lines if "|" in line]
    return [row for row in cells if re.fullmatch(r"`[^`]+`", row[0])]


def test_settings_md_lists_every_setting_with_its_default_and_meaning() -> None:
    expected = [(f"`{name}`", f"`{default}`", text) for name, default, text in described()]
    assert rows("settings.md") == expected


def test_problems_md_lists_every_problem() -> None:
    expected = [
        (f"`{k.slug}`", str(k.status), k.title_zh, k.title_en, k.detail_en) for k in KINDS.values()
    ]
    assert rows("problems.md") == expected


def below(root: type[BaseException]) -> set[type[BaseException]]:
    return {root}.union(*(below(c) for c in root.__subclasses__()))


def test_every_error_has_a_line_in_the_problem_table() -> None:
    roots = (api.errors.ApiError, KeyCustodyError, LicenseVaultError, SigningError)
    ours = set().union(*(below(root) for root in (*roots, VerificationError)))
    ours = {error for error in ours if error.__module__.split(".")[0] != "tests"}
    assert {e.__name__ for e in ours if e not in TABLE} == set()


def test_every_problem_kind_is_used_by_an_error_or_by_the_framework() -> None:
    assert set(KINDS.values()) - set(TABLE.values()) == set()


def test_a_sentence_names_only_values_that_are_shown() -> None:
    for kind in KINDS.values():
        named = set(re.findall(r"{(\w+)}", kind.detail_zh + kind.detail_en))
        assert named <= set(kind.shown), kind.slug


def test_every_shown_value_is_held_by_each_error_of_the_kind() -> None:
    for error, kind in TABLE.items():
        named = set(re.findall(r"{(\w+)}", kind.detail_zh + kind.detail_en))
        held = set(inspect.signature(error.__init__).parameters)
        assert named <= held, error.__name__
