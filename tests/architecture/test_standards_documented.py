"""docs/standards.md names what is there, and the code cites only what stands in it."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "standards.md"
DECISIONS = ROOT / "docs" / "adr"
PACKAGES = ("keys", "signing", "license_vault", "verification", "api")
BASES = {"X", "V", "O"}
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)

# One name a standard: without year, with the part where it has one; ISO parts have one digit.
NAME = re.compile(
    r"(?:GB/T|GB|GM/T|DB31/T)\ \d+(?:\.\d)?"
    r"|RFC\ \d+"
    r"|ISO(?:/IEC)?\ \d+(?:-\d\b)?"
    r"|EN\ 319\ \d{3}-\d"
    r"|X\.6\d\d"
    r"|OpenID\ Connect\ Core"
    r"|Standard\ Webhooks|The\ Update\ Framework|C2SP\ tlog-checkpoint"
    r"|draft-ietf-httpapi-ratelimit-headers"
    r"|Linux|PostgreSQL|SQLite|DBOS\ Transact"
    r"|行政许可法|行政处罚法|国务院令第716号|国办发〔2025〕33号|国办发〔2022〕3号",
    re.VERBOSE,
)
RECORD = re.compile(r"ADR (\d{4})")


class Row(NamedTuple):
    """One row of sections 1 to 9."""

    clause: str
    deed: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    basis: str


def names_in(text: str) -> set[str]:
    return set(NAME.findall(text))


def followed() -> list[Row]:
    body = DOCUMENT.read_text(encoding="utf-8").partition("\n## 10 ")[0].partition("\n## 1 ")[2]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in body.splitlines()
        if line.startswith("| ") and not line.startswith("| clause |")
    ]
    return [
        Row(clause, deed, tuple(modules.split()), tuple(tests.split()), basis)
        for clause, deed, modules, tests, basis in cells
    ]


ROWS = followed()
STANDARDS = set().union(*(names_in(row.clause) for row in ROWS))
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.clause)


def in_backticks(words: tuple[str, ...]) -> list[str]:
    assert all(re.fullmatch(r"`[^`]+`", word) for word in words), words
    return [word.strip("`") for word in words]


def test_the_table_was_found() -> None:
    assert len(ROWS) > 50
    assert {"GB/T 32918.2", "ISO 32000-1", "RFC 9457", "EN 319 102-1"} <= STANDARDS


@each_row
def test_a_row_names_a_standard_a_module_a_test_and_how_we_know(row: Row) -> None:
    assert names_in(row.clause)
    assert row.deed
    assert in_backticks(row.modules)
    assert in_backticks(row.tests)
    assert row.basis in BASES


@each_row
def test_modules_and_tests_of_a_row_exist(row: Row) -> None:
    paths = [ROOT / path for path in in_backticks(row.modules)]
    paths += [ROOT / "tests" / path for path in in_backticks(row.tests)]
    assert [str(path.relative_to(ROOT)) for path in paths if not path.is_file()] == []
    assert all(Path(test).name.startswith("test_") for test in in_backticks(row.tests))


@each_row
def test_the_modules_of_a_row_name_its_standards(row: Row) -> None:
    code = "\n".join((ROOT / path).read_text("utf-8") for path in in_backticks(row.modules))
    assert names_in(row.clause) - names_in(code) == set()


def docstrings() -> Iterator[tuple[str, str]]:
    """Yield where each docstring of the five packages stands, and its text."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            # Every worker reads all of them while it collects: only what has a source is parsed.
            for node in ast.walk(ast.parse(text)) if "Source:" in text else ():
                if isinstance(node, DOCUMENTED):
                    name = getattr(node, "name", "module")
                    yield f"{path.relative_to(ROOT)}: {name}", ast.get_docstring(node) or ""


def sources() -> list[tuple[str, str]]:
    """Return every ``Source:`` of a docstring, to the end of its paragraph."""
    return [
        (where, " ".join(source.split()))
        for where, text in docstrings()
        for source in re.findall(r"\bSource:(.*?)(?:\n\s*\n|\Z)", text, re.DOTALL)
    ]


SOURCES = sources()


def test_sources_were_found() -> None:
    assert len(SOURCES) > 60


@pytest.mark.parametrize(("where", "source"), SOURCES)
def test_a_source_stands_in_the_table(where: str, source: str) -> None:
    records = set(RECORD.findall(source))
    assert names_in(source) or records, f"{where} names no standard: {source}"
    assert names_in(source) - STANDARDS == set()
    assert records - {path.name[:4] for path in DECISIONS.glob("[0-9]*.md")} == set()


def test_the_clauses_that_reports_cite_stand_in_the_document() -> None:
    reasons = tomllib.loads((ROOT / "verification" / "reasons.toml").read_text("utf-8"))
    cited = [
        entry["clause"]
        for table in reasons.values()
        for entry in table.values()
        if "clause" in entry
    ]
    assert len(cited) > 10
    assert [clause for clause in cited if not set() < names_in(clause) <= STANDARDS] == []


def test_what_is_not_claimed_is_said_plainly() -> None:
    text = DOCUMENT.read_text(encoding="utf-8").partition("\n## 10 ")[2]
    disclaimed = names_in("\n".join(re.findall(r"^\| (.+?) \|", text, re.MULTILINE)))
    assert {"GB/T 38540", "GB/T 33190", "GB/T 36906", "ISO 19005-3", "GB/T 39786"} <= disclaimed


def test_the_index_of_decisions_is_the_folder() -> None:
    files = sorted(DECISIONS.glob("[0-9]*.md"))
    titles = [file.read_text(encoding="utf-8").partition("\n")[0] for file in files]
    expected = [
        f"| [{file.name[:4]}]({file.name}) | {title.removeprefix(f'# {file.name[:4]} ')} |"
        for file, title in zip(files, titles, strict=True)
    ]
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    assert [line for line in index.splitlines() if re.match(r"\| \[?\d", line)] == expected
