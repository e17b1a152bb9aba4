"""A type file under any damage: problems with file and line, never another error."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from license_vault.license_types.catalogue import SHIPPED_TYPES
from license_vault.license_types.files import Problems
from license_vault.license_types.reader import read_license_type

GOOD = (SHIPPED_TYPES / "11310000MBDEM00076003" / "v1" / "type.yaml").read_bytes()


@contextmanager
def type_file(data: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "type.yaml"
        path.write_bytes(data)
        yield path


def check_read(data: bytes) -> None:
    with type_file(data) as path:
        problems = Problems(path)
        license_type = read_license_type(path, problems)
    assert (license_type is None) == bool(problems.found)
    assert all(p.path == path and p.line >= 1 and p.code for p in problems.found)


@given(data=st.binary(max_size=300))
@settings(max_examples=examples(200), deadline=None)
def test_any_bytes_are_a_type_or_problems(data: bytes) -> None:
    check_read(data)


@given(text=st.text("abc:-[]{},&*!|>'\"#?%@ \n\t01", max_size=120))
@settings(max_examples=examples(200), deadline=None)
def test_any_yaml_is_a_type_or_problems(text: str) -> None:
    check_read(text.encode())


@given(start=st.integers(0, len(GOOD)), length=st.integers(0, 80), new=st.binary(max_size=12))
@settings(max_examples=examples(60), deadline=None)
def test_a_damaged_type_file_is_a_type_or_problems(start: int, length: int, new: bytes) -> None:
    check_read(GOOD[:start] + new + GOOD[start + length :])
