"""A license's package is as our writer packs it: no byte around its entries is free."""

import zipfile
from io import BytesIO

import pytest
from mutants.ofd_world import unpacked
from mutants.world import World

from signing.ofd.zip import read_entries
from verification.package_form import is_packed_as_ours
from verification.report import Verdict


def packed_by_others(data: bytes, level: int, order: int = 1) -> bytes:
    output = BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as package:
        for name, content in list(unpacked(data).items())[::order]:
            package.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return output.getvalue()


def test_what_the_sealer_packs_is_packed_as_ours(world: World) -> None:
    assert is_packed_as_ours(world.sealed_ofd())
    assert is_packed_as_ours(world.drawn_ofd())


@pytest.mark.parametrize("level", [1, 9])
def test_a_license_that_another_program_packed_anew_is_altered(world: World, level: int) -> None:
    data = packed_by_others(world.sealed_ofd(), level)
    assert unpacked(data) == unpacked(world.sealed_ofd())
    report = world.report(data)
    assert report.verdict is Verdict.ALTERED
    assert "deviation-not-allowed" in report.codes
    assert "package-not-as-written" in report.deviations
    assert {"references-hold", "coverage-complete", "seal-signature-valid"} <= report.codes


def test_a_bit_behind_the_end_of_a_stream_is_noticed(world: World) -> None:
    data = world.sealed_ofd()
    noticed = 0
    for entry in read_entries(data, 100):
        made = bytearray(data)
        if made[entry.end - 1] & 0x80:
            continue
        made[entry.end - 1] |= 0x80
        report = world.report(bytes(made))
        assert report.verdict is not Verdict.VALID
        noticed += "package-not-as-written" in report.deviations
    assert noticed
