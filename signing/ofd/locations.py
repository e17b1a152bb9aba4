"""Finds the entry of a package that a location in one of its files means.

The meaning of the standard comes first: from the root of the package where there is a leading
slash, else from the directory of the file that says it. Where nothing is there, what lenient
readers try is found too, and told: the root without the slash, another case. For what another
program would show must not stay unseen here.

Source: GB/T 33190-2016, 7.3 (ST_Loc).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from signing.ofd.names import folded_name

_ODD_CHARACTERS = re.compile(r"[\\%:\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Location:
    """Where a location leads: an absolute name, and whether there is such an entry.

    ``problems`` may have ``path-invalid`` (then ``path`` is empty), ``path-with-dots``,
    ``path-outside``; ``deviations`` ``path-not-normal``, ``path-from-root``, ``path-case-differs``.
    """

    path: str
    exists: bool
    problems: tuple[str, ...] = ()
    deviations: tuple[str, ...] = ()


class Locations:
    """The entries of one package, to find locations among."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._folded = {folded_name(name): name for name in self._names}

    def find(self, location: str, directory: str) -> Location:
        """Return where a location leads.

        Args:
            location: as written; outer white space does not count.
            directory: of the file that says it: absolute, ends with ``/``.
        """
        text = location.strip()
        if not text or _ODD_CHARACTERS.search(text):
            return Location("", False, ("path-invalid",))
        first = _normal(text if text.startswith("/") else directory + text)
        if first.path in self._names:
            return Location(first.path, True, first.problems, first.deviations)
        from_root = _normal("/" + text.lstrip("/"))
        if from_root.path in self._names:
            return Location(
                from_root.path, True, from_root.problems, (*first.deviations, "path-from-root")
            )
        return self._folded_match(first, from_root)

    def _folded_match(self, *candidates: Location) -> Location:
        for candidate in candidates:
            found = self._folded.get(folded_name(candidate.path))
            if found is not None:
                deviations = (*candidate.deviations, "path-case-differs")
                return Location(found, True, candidate.problems, deviations)
        return candidates[0]


def directory_of(name: str) -> str:
    """Return the directory of an entry, with ``/`` at its end."""
    return name.rpartition("/")[0] + "/"


def _normal(path: str) -> Location:
    """Return an absolute path without ``.``, ``..`` and empty segments; it is not looked up."""
    problems: list[str] = []
    deviations: list[str] = []
    segments: list[str] = []
    for segment in path[1:].split("/"):
        if segment in ("", "."):
            deviations.append("path-not-normal")
        elif segment == "..":
            problems.append("path-with-dots" if segments else "path-outside")
            del segments[-1:]
        else:
            segments.append(segment)
    return Location("/" + "/".join(segments), False, tuple(problems), tuple(deviations))
