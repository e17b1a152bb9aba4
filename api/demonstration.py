"""What the start page of a demo node offers: sample files, demo people, a demo kiosk.

A folder that ``make demo`` writes: ``start-page.json``, and the sample files beside it. Everything
in it is invented and open to everybody; production refuses the setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.errors import StartRefusedError

START_PAGE = "start-page.json"
_NAME = r"^[a-z0-9][a-z0-9-]{0,63}(\.[a-z]{3,4})?$"


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Told):
    """A text in both languages."""

    zh: str
    en: str


class Sample(_Told):
    """A file to download or verify, and what is to be learnt from it."""

    file: str = Field(pattern=_NAME)
    name: Words
    about: Words


class Numbered(_Told):
    """A license to be verified by its number and check code."""

    identifier: str
    check_code: str


class DemoPerson(_Told):
    """Somebody to log in as: the provider knows them by ``login``, their work begins at ``to``."""

    login: str = Field(pattern=_NAME)
    name: Words
    about: Words
    to: str = Field(pattern=r"^/[a-z/]*$")


class DemoKiosk(_Told):
    """The credentials of a kiosk, which are typed in once a shift."""

    device_id: str
    device_secret: str


class StartPage(_Told):
    """All that stands in the file."""

    samples: tuple[Sample, ...] = ()
    numbered: Numbered | None = None
    people: tuple[DemoPerson, ...] = ()
    kiosk: DemoKiosk | None = None


@dataclass(frozen=True, slots=True)
class Demonstration:
    """The folder of a demo node, read when the node starts."""

    folder: Path
    page: StartPage

    def sample(self, file: str) -> bytes | None:
        """Return a sample file; None: there is none of this name."""
        if all(one.file != file for one in self.page.samples):
            return None
        return (self.folder / file).read_bytes()


def read_demonstration(folder: Path | None) -> Demonstration | None:
    """Read the folder of a demo node; None: this is no demo node.

    Raises:
        StartRefusedError: the folder does not hold what it should.
    """
    if folder is None:
        return None
    try:
        page = StartPage.model_validate_json((folder / START_PAGE).read_bytes())
        missing = [one.file for one in page.samples if not (folder / one.file).is_file()]
    except (OSError, ValidationError) as error:
        raise StartRefusedError(
            f"演示目录不可用：{START_PAGE}。", f"The demonstration's {START_PAGE} cannot be used."
        ) from error
    if missing:
        raise StartRefusedError(
            f"演示目录缺少文件：{missing[0]}。", f"The demonstration lacks {missing[0]}."
        )
    return Demonstration(folder, page)
