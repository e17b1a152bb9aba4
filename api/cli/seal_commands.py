"""What the commands about seals share: the office, the person who acts, the picture, the code."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.console import Parser, operator
from api.errors import CommandRefusedError

if TYPE_CHECKING:
    from license_vault.seals.acts import SealServices
    from license_vault.seals.office import SealOffice
    from license_vault.seals.roles import SealPerson
    from license_vault.seals.workshop import SealWorkshop
    from signing.picture.seal_picture import SealPicture


@dataclass(frozen=True, slots=True)
class SealDesk:
    """Everything a command about seals works with."""

    services: SealServices
    office: SealOffice
    workshop: SealWorkshop


@contextmanager
def seal_desk() -> Iterator[SealDesk]:
    """Open the node's database and keys for one command about seals."""
    from api import wiring
    from api.settings import load_settings
    from license_vault.seals.office import SealOffice
    from license_vault.seals.workshop import SealWorkshop

    settings = load_settings()
    keys = wiring.keys_of(settings)
    with wiring.open_database_of(settings) as database:
        vault = wiring.vault_of(settings, keys)
        services = wiring.seal_services_of(settings, database, keys, vault)
        yield SealDesk(services, SealOffice(services), SealWorkshop(services))


def add_code(command: Parser) -> None:
    """Let a command take a seal's code."""
    command.add_argument("code", help="印章编码 14-digit seal code")


def add_person(command: Parser) -> None:
    """Let a command be told who acts."""
    command.add_argument(
        "--by", required=True, metavar="PERSON", help="办理人，须有印章管理岗位 who acts; a manager"
    )


def add_picture(command: Parser) -> None:
    """Let a command be told what the seal looks like."""
    command.add_argument("--ring", help="环排文字，缺省为机构名称 text of the ring")
    command.add_argument("--lower", default="", help="下弦文字 text below the star")
    command.add_argument("--foot", help="底部编码，缺省为印章编码 number at the foot")
    command.add_argument(
        "--shape", choices=("round", "ellipse"), default="round", help="圆形或椭圆形 shape"
    )
    command.add_argument(
        "--width", type=int, metavar="MM", help="宽（直径），毫米 width, or diameter"
    )
    command.add_argument("--height", type=int, metavar="MM", help="高，毫米 height")
    command.add_argument(
        "--picture", metavar="PNG", help="上传的透明 PNG 印模 a transparent PNG instead"
    )


def person(arguments: argparse.Namespace) -> SealPerson:
    """Return who acts, at the node itself."""
    from license_vault.seals.roles import SealPerson

    return SealPerson(arguments.by, operator=operator())


def picture(arguments: argparse.Namespace, ring: str) -> SealPicture:
    """Return the picture a command was told of; ``ring`` where it names no text.

    Raises:
        CommandRefusedError: the file cannot be read, or its size was not told.
        SealPictureError: the file or the size is refused.
    """
    from signing.picture.seal_image import uploaded_picture
    from signing.picture.seal_picture import ELLIPSE, ROUND, SealPicture

    width, height = arguments.width, arguments.height
    if arguments.picture:
        if not width or not height:
            raise CommandRefusedError(
                "上传印模须同时给出 --width 与 --height（毫米）。",
                "An uploaded picture needs --width and --height in millimetres.",
            )
        return uploaded_picture(Path(arguments.picture).read_bytes(), width, height)
    texts = (arguments.ring or ring, arguments.lower, arguments.foot or arguments.code)
    if arguments.shape == ELLIPSE:
        return SealPicture(ELLIPSE, *texts, width_mm=width or 45, height_mm=height or 30)
    return SealPicture(ROUND, *texts, diameter_mm=width or 42)


def names_a_picture(arguments: argparse.Namespace) -> bool:
    """Tell whether a command was told anything of a picture."""
    told = (arguments.ring, arguments.lower, arguments.foot, arguments.width, arguments.height)
    return bool(arguments.picture) or any(told)
