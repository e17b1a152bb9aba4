from pathlib import Path

import pytest

from keys.errors import KeyAddressError
from keys.provider_uri import open_keys


@pytest.mark.parametrize("form", ["file:{}", "file://{}"])
def test_a_file_address_opens_the_folder(tmp_path: Path, form: str) -> None:
    assert open_keys(form.format(tmp_path / "none"), b"p").for_production is False


def test_escaped_characters_of_a_folder_are_understood(tmp_path: Path) -> None:
    (tmp_path / "my keys").write_bytes(b"")
    with pytest.raises(Exception, match="my keys"):
        open_keys(f"file:{tmp_path}/my%20keys", b"p")


@pytest.mark.parametrize(
    "address",
    ["", "file", "file:", "/keys", "memory:", "pkcs11:x", "file://host/keys", "file:a%00"],
)
def test_an_address_of_another_kind_is_refused(address: str) -> None:
    with pytest.raises(KeyAddressError):
        open_keys(address, b"p")
