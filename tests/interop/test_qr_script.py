"""The verification page's script reads the codes that are written: by node, without a browser."""

import base64
import datetime
import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from keys import sm2
from signing.qr_claims import QrClaims, qr_text

STATIC = Path(__file__).parents[2] / "api" / "static"
VENDOR = STATIC / "vendor"
NODE = shutil.which("node")
KEY = sm2.PrivateKey.generate()
CLAIMS = QrClaims(
    region="310000",
    key_id=bytes(range(250, 256)) + b"\0\1",
    identifier="1.2.156.3005.2.11310000MBDEM00076001.11310000MBDEM00076.0K2M9QX4TB0A3ZCE.001.8",
    valid_from=datetime.date(2026, 3, 20),
    valid_until=None,
    status_list="q7m2x9k4t0b3zce8f6h1j5n7pa",
    status_index=1_048_575,
    check_code="0KQ2M9XTB4ZCE",
)
RUN = """
const fs = require('fs'), vm = require('vm');
const [vendored, qr] = process.argv.slice(1);
globalThis.sm2 = require(vendored);
vm.runInThisContext(fs.readFileSync(qr, 'utf8'));
const {payloads, keys} = JSON.parse(fs.readFileSync(0, 'utf8'));
console.log(JSON.stringify(payloads.map(each => licenseQr.read(each, keys))));
"""


def _forged(payload: str, place: int) -> str:
    data = bytearray(base64.b32decode(payload + "=" * (-len(payload) % 8)))
    data[place] ^= 1
    return base64.b32encode(bytes(data)).decode().rstrip("=")


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_the_script_reads_what_is_written_and_believes_no_changed_byte() -> None:
    payload = qr_text("https://zz.example.gov.cn", CLAIMS, KEY.sign).partition("#")[2]
    size = len(payload) * 5 // 8
    forged = [_forged(payload, place) for place in range(0, size, 11)]
    other = qr_text("https://zz.example.gov.cn", CLAIMS, sm2.PrivateKey.generate().sign)
    sent = {
        "payloads": [payload, *forged, other.partition("#")[2], "", "PLAIN", "A" * 100],
        "keys": [
            {
                "region": "310000",
                "key_id": CLAIMS.key_id.hex(),
                "public_point": KEY.public_point.hex(),
            }
        ],
    }
    vendored = str(VENDOR / "sm-crypto-0.5.8" / "sm2.js")
    done = subprocess.run(
        [NODE, "-e", RUN, vendored, str(STATIC / "qr.js")],
        input=json.dumps(sent),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    first, *changed, by_other, empty, plain, zeros = json.loads(done.stdout)
    assert first["signature"] == "good"
    assert first["claims"] == {
        "region": "310000",
        "keyId": CLAIMS.key_id.hex(),
        "identifier": CLAIMS.identifier,
        "typeCode": "11310000MBDEM00076001",
        "validFrom": "2026-03-20",
        "validUntil": None,
        "statusList": CLAIMS.status_list,
        "statusIndex": CLAIMS.status_index,
        "checkCode": CLAIMS.check_code,
    }
    assert all(each is None or each["signature"] != "good" for each in changed)
    assert by_other["signature"] == "bad"
    assert (empty, plain, zeros) == (None, None, None)


def test_the_files_of_others_are_those_that_were_taken() -> None:
    rows = re.findall(
        r"\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|", (VENDOR / "README.md").read_text()
    )
    assert rows
    for name, digest in rows:
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest
        assert [*(VENDOR / name).parent.glob("LICEN[CS]E*")]
    served = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*.js")}
    assert served == {name for name, _ in rows}
