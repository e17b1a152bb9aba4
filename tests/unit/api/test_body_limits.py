"""How large a form may be, by what it takes: a document needs more room than a signature."""

import re
from collections.abc import Iterator

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.params import File
from fastapi.routing import APIRoute

from api.app import _ROUTERS
from api.limits import ROWS_PATHS, takes_documents

# A picture of a seal, certificates, a signature and what it is over: far below a mebibyte.
SMALL_FILES = {
    "/console/seals/1/making",
    "/console/seals/1/remake",
    "/console/seals/applications",
    "/console/sign",
    "/console/sign/brought",
    "/my/1/seals/new",
}


def takes_file(dependant: Dependant) -> bool:
    own = any(isinstance(one.field_info, File) for one in dependant.body_params)
    return own or any(map(takes_file, dependant.dependencies))


def paths_with_files() -> Iterator[str]:
    for router in _ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and takes_file(route.dependant):
                yield re.sub(r"\{[^}]*\}", "1", route.path)


def test_whoever_takes_a_document_takes_one_of_any_size_allowed() -> None:
    found = set(paths_with_files())
    assert {path for path in found - ROWS_PATHS if not takes_documents(path)} == SMALL_FILES


@pytest.mark.parametrize("path", ["/window", "/console/licenses/1/conditions/2", "/verify"])
def test_a_window_takes_a_file_as_large_as_verification_does(path: str) -> None:
    assert takes_documents(path)
    assert not takes_documents(f"{path}/other")
