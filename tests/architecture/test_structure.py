"""The shape we mean to keep."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("keys", "signing", "license_vault", "verification", "api")


@pytest.mark.parametrize("name", PACKAGES)
def test_a_generic_package_name_resolves_to_ours(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__file__ is not None
    assert Path(module.__file__).parent == ROOT / name


def test_imports_point_one_way() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def sources() -> list[Path]:
    return [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))]


def test_only_the_settings_read_the_environment() -> None:
    # pydantic-settings reads it there; nobody else names it.
    readers = [p for p in sources() if re.search(r"\b(os\.environ|getenv)\b", p.read_text())]
    assert [str(p.relative_to(ROOT)) for p in readers] == []


def test_the_database_has_one_newest_version() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(ROOT / "license_vault" / "migrations"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_no_file_of_the_service_grows_past_400_lines() -> None:
    # style.md aims at 200 and says that over 400 it is two things.
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if "migrations" not in path.parts and (lines := len(path.read_text().splitlines())) > 400
    }
    assert long == {}


@pytest.mark.parametrize(
    "module",
    sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sources()
        if "migrations" not in path.parts
    ),
)
def test_a_module_says_what_it_is_for(module: str) -> None:
    assert importlib.import_module(module).__doc__


def test_below_the_workflow_nobody_looks_at_the_clock() -> None:
    watchers = [
        str(path.relative_to(ROOT))
        for path in sources()
        if re.search(r"\b(datetime\.now|datetime\.utcnow|date\.today)\(", path.read_text())
    ]
    assert watchers == ["license_vault/clock.py"]
