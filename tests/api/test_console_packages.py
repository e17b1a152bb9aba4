"""一件事 at the console over HTTP: put together, signed in two districts, refused, put right."""

import base64
import html
import re
from typing import Any

import pytest
from api_node import CITY, FENGXIAN, JIADING, Node
from console_forms import Form, Officer, told
from package_counter import FOOD, HYGIENE, SAYS, Counter

from api import license_previews
from api.pages.inner_api import InnerApi

_MESSAGE = re.compile(r'data-signed-in="signature-(\d+)">(.*?)</pre>', re.DOTALL)


@pytest.fixture(scope="module")
def counter(node: Node) -> Counter:
    return Counter.opened(node)


class Asked:
    """What pages asked the API since it was looked at last: questions, and faces drawn."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._questions: list[tuple[str, str]] = []
        self._faces = 0
        send, draw = InnerApi.send, license_previews.preview_pdf

        async def sent(api: InnerApi, method: str, path: str, **request: Any) -> Any:
            if method == "GET":
                self._questions.append((path, str(request.get("params"))))
            return await send(api, method, path, **request)

        def drawn(*given: Any) -> bytes:
            self._faces += 1
            return draw(*given)

        patch.setattr(InnerApi, "send", sent)
        patch.setattr(license_previews, "preview_pdf", drawn)

    def faces(self) -> int:
        """How many faces were drawn; no question was asked twice."""
        assert len(self._questions) == len(set(self._questions)), self._questions
        faces = self._faces
        self._questions.clear()
        self._faces = 0
        return faces


def says(type_code: str) -> dict[str, str]:
    """What the example of a type says, as it is typed."""
    typed = {name: SAYS[type_code][name] for name in ("valid_from", "valid_until")}
    for key, value in SAYS[type_code]["fields"].items():
        if isinstance(value, list):
            typed[f"list__{key}"] = "\n".join(value)
        else:
            typed[f"field__{key}"] = value
    return typed


def test_a_package_is_put_together_and_each_face_is_drawn_once(
    node: Node, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/console/cases/{counter.approved('一件事-0001')}/package"
    zhao, asked = Officer.logged_in(node, "pkg-zhao", JIADING), Asked(monkeypatch)
    basket = zhao.get(path)
    assert (asked.faces(), told(basket).count("处待填写")) == (2, 2)
    form = zhao.sends(basket, path, action="fill 0")
    assert (asked.faces(), "data:image/png" in form.text) == (1, True)
    # Unfinished, it goes back all the same; then it is left out, and added again at the end.
    basket = zhao.sends(form, f"{path}/license", action="keep", number="沪1号")
    assert (asked.faces(), "沪1号" in told(basket)) == (2, True)
    assert 'value="leave-out 1"' in basket.text
    basket = zhao.sends(basket, path, action="leave-out 0")
    assert (asked.faces(), told(basket).count("处待填写")) == (1, 1)
    basket = zhao.sends(basket, path, action="add", type_code=HYGIENE)
    assert asked.faces() == 2
    form = zhao.sends(basket, path, action="fill 1")
    assert asked.faces() == 1
    wrong = zhao.sends(form, f"{path}/license", action="sign", valid_from="2026-03-19")
    assert (asked.faces(), 'aria-describedby="wrong-number"' in wrong.text) == (1, True)
    seen = zhao.sends(
        wrong, f"{path}/license", action="preview",
        number="沪嘉卫公证字〔2026〕第770001号", **says(HYGIENE),
    )  # fmt: skip
    assert (asked.faces(), 'aria-describedby="wrong' in seen.text) == (1, False)
    basket = zhao.sends(seen, f"{path}/license", action="sign")
    assert (asked.faces(), told(basket).count("填写完整")) == (2, 1)
    early = zhao.sends(basket, path, action="sign")
    assert (asked.faces(), "还不能签字" in told(early)) == (2, True)


def test_officers_of_two_districts_sign_and_what_is_refused_is_put_right(
    node: Node, counter: Counter
) -> None:
    taken = node.body()
    assert node.issue(body=taken).status_code == 201
    path = f"/console/cases/{counter.approved('一件事-0002', 'package-pages-city')}/package"
    city = Officer.logged_in(node, "pkg-city", CITY)
    basket = city.get(path)
    for place, (code, authority, number) in enumerate(
        ((HYGIENE, JIADING, taken["number"]), (FOOD, FENGXIAN, "JY23101140077701"))
    ):
        form = city.sends(basket, path, action=f"fill {place}")
        basket = city.sends(
            form, f"{path}/license", action="sign",
            authority_code=authority, number=number, **says(code),
        )  # fmt: skip
    assert told(basket).count("填写完整") == 2
    sheet = city.sends(basket, path, action="sign")
    assert told(sheet).count("待他人签字") == 2
    handed = _file(city, sheet)
    for name, district in (("pkg-zhao", JIADING), ("pkg-qian", FENGXIAN)):
        handed = _signed_by(counter, name, district, handed)
    refused = city.sends(_brought(city, handed), "/console/sign/package")
    assert refused.status_code == 409
    assert "第 1 份证照" in told(refused)
    assert "没有制发任何证照" in told(refused)
    back = city.sends(refused, path)
    form = city.sends(back, path, action="fill 0")
    basket = city.sends(
        form, f"{path}/license", action="sign", number="沪嘉卫公证字〔2026〕第770002号"
    )
    # Who signed the other license need not sign again.
    assert ("已签：pkg-qian" in told(basket), "已签：pkg-zhao" in told(basket)) == (True, False)
    handed = _file(city, city.sends(basket, path, action="sign"))
    handed = _signed_by(counter, "pkg-zhao", JIADING, handed)
    made = city.sends(_brought(city, handed), "/console/sign/package")
    assert made.status_code == 303, told(made)
    assert "全部 2 份证照已用印" in told(city.get(made.headers["location"]))


def _brought(officer: Officer, handed: bytes) -> Any:
    """The page on which a package is signed that came as a file."""
    files = {"file": ("待核准.json", handed, "application/json")}
    page = officer.get("/console/sign")
    return officer.sends(page, "/console/sign/brought", files=files)


def _file(officer: Officer, page: Any) -> bytes:
    """The package as a file for the next officer, of a page that offers it."""
    answer = officer.sends(page, "/console/sign/package/file")
    assert answer.status_code == 200, told(answer)
    return bytes(answer.content)


def _signed_by(counter: Counter, name: str, district: str, handed: bytes) -> bytes:
    """An officer brings a package, signs the one license that is theirs, and passes it on."""
    officer = Officer.logged_in(counter.node, name, district)
    page = _brought(officer, handed)
    assert told(page).count("待您签字") == 1
    ((place, message),) = _MESSAGE.findall(page.text)
    signature = counter.officers.sign(name, html.unescape(message).encode())
    typed = {f"signature__{place}": base64.b64encode(signature).decode()}
    after = officer.sends(page, "/console/sign/package", **typed)
    assert Form(after.text, "/console/sign/package/file").fields["package"]
    return _file(officer, after)
