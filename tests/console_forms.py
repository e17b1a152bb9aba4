"""Pages of the console over HTTP: forms filled and sent, as without scripts."""

import html
import re
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from api_node import Node

from license_vault.web_sessions import WebSessionWriter


class Form(HTMLParser):
    """What a form of a page would send, with nothing touched."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._action, self._inside, self._name, self._first = action, False, "", False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = told.get("action") == self._action
        elif not self._inside or told.get("type") == "file":
            return
        elif tag == "input" and (told.get("type") != "checkbox" or "checked" in told):
            self.fields[told["name"]] = told.get("value", "")
        elif tag in {"select", "textarea"}:
            self._name = told["name"]
            self.fields[self._name], self._first = "", tag == "select"
        elif tag == "option" and ("selected" in told or self._first):
            self.fields[self._name], self._first = told.get("value", ""), False

    def handle_data(self, data: str) -> None:
        if self._inside and self._name and self.lasttag == "textarea":
            self.fields[self._name] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._name = ""


@dataclass(frozen=True)
class Officer:
    """Somebody logged in at the console."""

    node: Node
    headers: dict[str, str]

    @classmethod
    def logged_in(cls, node: Node, name: str, organisation: str) -> "Officer":
        services, now = node.services, node.services.clock()
        token = node.jwt(roles=["approval-officer"], organisation=organisation, sub=name)
        with services.database.writing() as session:
            sessions = WebSessionWriter(session, services.keys, services.random_bytes)
            opened = sessions.open("person", token, now, now + timedelta(minutes=5))
        cookie = f"license-vault-session={opened.secret}"
        return cls(node, {"Cookie": cookie, "Accept-Language": "zh-CN"})

    def get(self, path: str) -> Any:
        return self.node.client.get(path, headers=self.headers)

    def sends(self, page: Any, path: str, files: Any = None, **typed: str) -> Any:
        """Fill in a form of a page and send it."""
        fields = Form(page.text, path).fields
        assert fields["anti_forgery"], page.text
        data = {**fields, **{name.replace("__", "."): text for name, text in typed.items()}}
        return self.node.client.post(
            path, data=data, files=files, headers=self.headers, follow_redirects=False
        )


def told(page: Any) -> str:
    """What a page says, without its tags."""
    return html.unescape(re.sub(r"<[^>]+>", "", page.text))
