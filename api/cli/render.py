"""``license-vault render``: the pages of a PDF or OFD as PNG, seals in place.

Files are drawn in a parser process, never here. What is not drawn, or not as the document has it,
is listed. A picture proves nothing: ``verify`` says what a file is worth.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.console import DONE, REFUSED, USAGE, Commands, complain, say
from api.errors import CommandRefusedError

if TYPE_CHECKING:
    from verification.evidence import ReadFailure
    from verification.rendering import DrawnPage

_LOWEST_DPI, _HIGHEST_DPI, _DPI = 36, 600, 150
_MM_PER_INCH = 25.4


def add_commands(commands: Commands) -> None:
    """Add the command."""
    render_ = commands.add_parser(
        "render",
        help="把 PDF、OFD 各页画成 PNG draw the pages of a PDF or OFD as PNG",
        epilog="退出码 exit status: 0 every page drawn, 1 not, 64 usage",
    )
    render_.add_argument("file", metavar="FILE", help="PDF 或 OFD 文件 a PDF or OFD file")
    render_.add_argument(
        "--out", metavar="DIR", default=".", help="写到哪个目录 the folder to write to"
    )
    render_.add_argument(
        "--dpi",
        metavar="N",
        type=int,
        default=_DPI,
        help=f"每英寸点数 {_LOWEST_DPI}–{_HIGHEST_DPI}，默认 default {_DPI}",
    )
    render_.set_defaults(run=render)


def render(arguments: argparse.Namespace) -> int:
    """Write each page as FILE-N.png and tell what is not drawn."""
    from verification.parser_process import ParserPool
    from verification.rendering import LIMITS, READER, DrawnPage, render_pages

    if not _LOWEST_DPI <= arguments.dpi <= _HIGHEST_DPI:
        complain(
            f"--dpi 应在 {_LOWEST_DPI} 与 {_HIGHEST_DPI} 之间。",
            f"--dpi must be between {_LOWEST_DPI} and {_HIGHEST_DPI}.",
        )
        return USAGE
    source, folder = Path(arguments.file), Path(arguments.out)
    data = source.read_bytes()
    folder.mkdir(parents=True, exist_ok=True)
    missed = False
    with ParserPool(processes=1, limits=LIMITS, require_isolation=False, reader=READER) as pool:
        pages = render_pages(pool, data, arguments.dpi / _MM_PER_INCH)
        for number, page in enumerate(pages, 1):
            if isinstance(page, DrawnPage):
                _write(folder / f"{source.stem}-{number}.png", page)
            else:
                missed = True
                _complain_of(number, page)
    return REFUSED if missed else DONE


def _write(path: Path, page: DrawnPage) -> None:
    from api.cli.render_words import NOT_DRAWN

    try:
        with path.open("xb") as file:
            file.write(page.png)
    except FileExistsError as error:
        raise CommandRefusedError(
            f"{path} 已存在，不覆盖；请用 --out 指定别的目录。",
            f"{path} is there already and is not replaced; name another folder with --out.",
        ) from error
    say(f"已写入 {path}", f"Written: {path}")
    for note in page.not_drawn:
        zh, en = NOT_DRAWN.get(note.code, ("未画", "not drawn"))
        place = f"（{note.place}）" if note.place else ""
        say(f"  – {zh}{place}", f"    {en}  [{note.code}]")


def _complain_of(number: int, failure: ReadFailure) -> None:
    from api.cli.render_words import NO_PICTURE

    zh, en = NO_PICTURE.get(failure.code, ("无法绘制", "it cannot be drawn"))
    detail = f" [{failure.code}: {failure.detail}]" if failure.detail else f" [{failure.code}]"
    complain(f"第 {number} 页：{zh}。", f"Page {number}: {en}.{detail}")
