"""Step: 校验. An authority approves the yearly validation; the holder is told and has it."""

from __future__ import annotations

from examples.people import Person
from examples.regions.world import World
from examples.requests_to_issue import today
from examples.subscriber import Subscriber
from examples.told import await_that

CLINIC = Person("上海市嘉定区南门社区卫生服务中心（演示）", "001", "12310114MBDEM00237")


def run(world: World) -> None:
    """Issue, validate a year, and see what the holder hears and downloads."""
    region, table = world.issuer, world.table
    table.step("2 校验 approved: the holder is told, and has the new license")
    system, portal = region.system(), Subscriber()
    asked = region.request("medical-institution", type_version="v2")
    old = system.issue(asked)["identifier"]
    with portal.serving():
        wish = {"url": portal.url, "kinds": ["license.revalidated", "license.issued"]}
        made = system.http.post("/v1/webhooks", wish).json()
        portal.secret = made["secret"]
        day = today()
        record = {"year": str(day.year), "result": "合格", "by": region.authority_name}
        order = {
            "basis": "《医疗机构管理条例》第二十二条",
            "case_number": f"{region.code}-2026-JY-0001",
            "record": {**record, "on": day.isoformat()},
        }
        new = system.verb(old, "revalidation", order)["identifier"]
        await_that(lambda: f"license:{new}" in _subjects(portal), "the holder's message")
        system.http.post(f"/v1/webhooks/{made['number']}/removal")
    told = "; ".join(sorted(f"{what} {state}" for what, state in _subjects(portal).items()))
    table.check("持证主体收到的消息 message", told, f"{old} superseded", f"{new} valid")
    holder = region.holder(CLINIC)
    path = f"/v1/holders/{holder.handle}/licenses/{new}/file?form=ofd"
    file = world.folder / f"{region.code}-validated.ofd"
    file.write_bytes(holder.http.get(path).body)
    table.check(f"downloaded by the holder: {file.name}", region.says(file), "有效。")


def _subjects(portal: Subscriber) -> dict[str, str]:
    """Return the licenses that the portal was told of, with the state of each."""
    told = (one["data"] for one in tuple(portal.heard.values()))
    return {str(one["subject"]): str(one["state"]) for one in told}
