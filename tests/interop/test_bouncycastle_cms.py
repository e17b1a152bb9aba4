"""BouncyCastle, written by others from the same standards, verifies our CMS and time-stamp."""

import shutil
import subprocess
from pathlib import Path

import pytest
from documents import sealed_pdf
from pki import Pki

from signing.pdf.reader import read_pdf

JARS = [Path("/usr/share/java") / f"{name}.jar" for name in ("bcpkix", "bcprov", "bcutil")]
SOURCE = Path(__file__).with_name("VerifySealedCms.java")


def bouncycastle_says(cms: bytes, content: bytes, folder: Path) -> list[str]:
    if shutil.which("java") is None:
        pytest.skip("no java on this machine")
    if not all(jar.exists() for jar in JARS):
        pytest.skip("no BouncyCastle on this machine (Debian: libbcpkix-java)")
    (folder / "cms.der").write_bytes(cms)
    (folder / "content").write_bytes(content)
    done = subprocess.run(
        ["java", "-cp", ":".join(map(str, JARS)), str(SOURCE),
         str(folder / "cms.der"), str(folder / "content")],
        capture_output=True, check=False, timeout=120, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def parts(pki: Pki) -> tuple[bytes, bytes]:
    data = sealed_pdf(pki)
    (seal,) = read_pdf(data).seals
    _, first, second, length = seal.byte_range
    return seal.value, data[:first] + data[second : second + length]


def test_bouncycastle_verifies_the_signature_and_the_time_stamp(tmp_path: Path) -> None:
    pki = Pki()
    milliseconds = int(pki.now.timestamp() * 1000)

    assert bouncycastle_says(*parts(pki), tmp_path) == [
        "signature holds",
        f"time-stamp holds {milliseconds}",
        "imprint matches",
    ]


def test_bouncycastle_refuses_a_changed_document(tmp_path: Path) -> None:
    cms, content = parts(Pki())
    changed = content.replace(b"LICENSE NO 12345", b"LICENSE NO 12346")

    assert changed != content
    assert bouncycastle_says(cms, changed, tmp_path)[0] != "signature holds"
