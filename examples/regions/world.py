"""What the steps share: the regions, the folder that files go to, and the table of outcomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from examples.regions.four import Ground, start_all
from examples.regions.region import NAMES, Region
from examples.table import Table


@dataclass
class World:
    """Regions by their codes; ``issuer`` issues what the others, first ``verifier``, judge."""

    place: Ground
    regions: dict[str, Region]
    folder: Path
    table: Table = field(default_factory=Table)

    @property
    def issuer(self) -> Region:
        """Return the region whose licenses are shown elsewhere: A."""
        return next(iter(self.regions.values()))

    @property
    def verifier(self) -> Region:
        """Return the region where they are shown: B."""
        return tuple(self.regions.values())[1]

    @property
    def joining(self) -> Region | None:
        """Return the region that joins last, if there are more than the two."""
        last = tuple(self.regions.values())[-1]
        return last if len(self.regions) > 2 else None

    @property
    def members(self) -> tuple[Region, ...]:
        """Return the regions that know each other from the beginning."""
        return tuple(one for one in self.regions.values() if one is not self.joining)

    def issue(self, region: Region, name: str, **changes: object) -> tuple[str, Path]:
        """Issue a license in a region; return its identifier and its original.

        Args:
            name: the example that is asked for.
            changes: members of the request.
        """
        made = region.system().issue(region.request(name, **changes))
        identifier = str(made["identifier"])
        return identifier, self.download(region, identifier, f"{region.code}-{name}.ofd")

    def download(self, region: Region, identifier: str, name: str) -> Path:
        """Return a sealed file of a license, written into the folder; its name ends in its form."""
        file = self.folder / name
        form = name.rpartition(".")[2]
        file.write_bytes(region.system().download(identifier, form))
        return file


def world_of(place: Ground, folder: Path, codes: tuple[str, ...] = tuple(NAMES)) -> World:
    """Return some regions, set up and served."""
    regions = {code: place.region(code) for code in codes}
    start_all(tuple(regions.values()))
    return World(place, regions, folder)
