"""The client out of the built wheel, where nothing of the service is installed."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PARTS = ("keys", "signing", "license_vault", "verification", "api")
NEEDED = ("httpx", "httpcore", "h11", "anyio", "idna", "certifi", "typing_extensions")
FORBIDDEN = ("sqlmodel", "sqlalchemy", "fastapi", "starlette", "boto3", "pydantic", "cryptography")
PROGRAM = f"""
import sys
sys.path[:0] = sys.argv[1:]
from license_vault.client import AsyncClient, Client, Connection, NodeUnreachableError
assert sys.argv[1] in sys.modules["license_vault"].__file__
with Client(Connection("http://127.0.0.1:9", attempts=1)) as client:
    try:
        client.trust_bundle()
    except NodeUnreachableError as error:
        print(error.reason)
print(sorted(set({FORBIDDEN!r}) & set(sys.modules)))
for name in {FORBIDDEN!r}:
    try:
        __import__(name)
    except ImportError:
        continue
    print("installed:", name)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("source")
    left_out = shutil.ignore_patterns("__pycache__")
    for part in PARTS:
        shutil.copytree(ROOT / part, source / part, ignore=left_out)
    for name in ("pyproject.toml", "README.md", "LICENSE", "requirements/runtime.in"):
        (source / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    built = tmp_path_factory.mktemp("wheel")
    command = (
        "from setuptools import build_meta as b; import sys; print(b.build_wheel(sys.argv[1]))"
    )
    subprocess.run(
        [sys.executable, "-c", command, built], cwd=source, check=True, capture_output=True
    )
    (found,) = built.glob("*.whl")
    return found


def test_the_client_needs_httpx_and_nothing_of_the_service(wheel: Path, tmp_path: Path) -> None:
    for name in NEEDED:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            place = Path(spec.origin)
            place = place.parent if place.name == "__init__.py" else place
            (tmp_path / place.name).symlink_to(place)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROGRAM, wheel, tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.split("\n")[:2] == ["ConnectError", "[]"]
    assert "installed:" not in done.stdout
