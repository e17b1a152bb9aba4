"""The image and the compose file fit each other and the settings, as far as reading can tell."""

import re
from pathlib import Path, PurePosixPath

import yaml

from api.settings_listing import described

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE_TEXT = (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
NODE = COMPOSE["services"]["vault"]


def volumes() -> list[PurePosixPath]:
    return [PurePosixPath(text.split(":")[1]) for text in NODE["volumes"]]


def copied() -> list[PurePosixPath]:
    (work,) = re.findall(r"^WORKDIR (\S+)$", DOCKERFILE, re.M)
    targets = [line.split() for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.M)]
    return [
        PurePosixPath(work) / (source if words[-1] == "./" else words[-1])
        for words in targets
        for source in words[:-1]
    ]


def test_no_volume_lies_where_the_image_keeps_the_program() -> None:
    # A new volume takes over what the image has there, with its owner: root.
    for kept in volumes():
        assert [p for p in copied() if p.is_relative_to(kept) or kept.is_relative_to(p)] == []


def test_what_a_node_keeps_is_on_a_volume_that_its_user_may_write() -> None:
    (home,) = re.findall(r"^ENV LICENSE_VAULT_HOME=(\S+)$", DOCKERFILE, re.M)
    made = re.findall(r"install -d -o license-vault .* (\S+)$", DOCKERFILE, re.M)
    assert PurePosixPath(home) in volumes()
    assert [str(p) for p in volumes()] == made


def test_the_compose_file_sets_what_is_a_setting() -> None:
    known = {name for name, _, _ in described()}
    assert {n for n in NODE["environment"] if n.startswith("LICENSE_VAULT_")} <= known


def test_what_has_to_be_there_first_is_named_at_the_top() -> None:
    head = "".join(line for line in COMPOSE_TEXT.splitlines(True) if line.startswith("#"))
    binds = [text.split(":")[0] for s in COMPOSE["services"].values() for text in s["volumes"]]
    files = [name for name in binds if name.startswith("./")]
    files += [secret["file"] for secret in COMPOSE["secrets"].values()]
    assert len(files) == 2
    for name in (*files, ".env"):
        assert f"deploy/{name.removeprefix('./')}" in head, name
    for variable in re.findall(r"\$\{(\w+):\?", COMPOSE_TEXT):
        assert variable in head, variable
