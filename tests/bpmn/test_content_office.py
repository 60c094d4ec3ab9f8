"""The demo office, the clock register and the demo complaints fit the diagrams, the tables and the start form."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.expressions.dmn import read_decisions
from redress.demo.words import Words
from tasks.deadlines.policies.loading import read_rows
from tasks.deadlines.policies.register import Policies, Policy
from tasks.forms import AnswersRefused, compile_form
from tasks.organisation.assigning.routing import groups_for
from tasks.organisation.tree import Organisation, Unit
from tests.bpmn.drawing import CONTENT, drawings, files

OFFICE = CONTENT / "organisation"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def organisation() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((OFFICE / "organisation.yaml").read_text(encoding="utf-8"))
    return data


def clocks() -> list[dict[str, str]]:
    with (OFFICE / "clocks.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def complaints() -> list[dict[str, str]]:
    """The demo's complaints, as a run that begins now files them."""
    words = Words("0301-abcdef", NOW, {})
    with (OFFICE / "demo_complaints.csv").open(encoding="utf-8", newline="") as file:
        return [words.said(row) for row in csv.DictReader(file)]


def start_form() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(
        (CONTENT / "forms" / "complaint_start.form").read_text(encoding="utf-8")
    )
    return schema


def as_facts(row: dict[str, str]) -> dict[str, Any]:
    """A row as the API takes it: empty cells left out, typed as the form says, dots as nested objects."""
    kinds = {part["key"]: part["type"] for part in start_form()["components"] if "key" in part}
    facts: dict[str, Any] = {}
    for key, text in row.items():
        if key == "script" or not text:
            continue
        value: Any = text
        if kinds[key] == "checkbox":
            value = text == "true"
        elif kinds[key] == "number":
            value = int(text)
        elif kinds[key] in ("checklist", "taglist"):
            value = text.split(";")
        *folders, last = key.split(".")
        inside = facts
        for folder in folders:
            inside = inside.setdefault(folder, {})
        inside[last] = value
    return facts


def test_there_are_headquarters_two_provinces_four_remote_units_and_enough_people() -> None:
    office = organisation()
    kinds = Counter(unit["kind"] for unit in office["units"])
    assert (kinds["headquarters"], kinds["province"], kinds["remote_unit"]) == (1, 2, 4)
    assert len(office["people"]) >= 25
    assert len({person["login"] for person in office["people"]}) == len(office["people"])


def test_every_group_a_diagram_names_has_people_in_every_place_it_is_needed() -> None:
    office = organisation()
    parent = {unit["code"]: unit.get("parent") for unit in office["units"]}
    staffed = Counter(seat for person in office["people"] for seat in [person["unit"]])

    def province(code: str | None) -> str | None:
        while code and code not in ("henan", "zhejiang"):
            code = parent[code]
        return code

    needed = {
        node.camunda("candidateGroups")
        for drawing in drawings()
        for node in drawing.nodes.values()
        if node.kind == "userTask" and not (node.camunda("candidateGroups") or "").startswith("=")
    }
    with (OFFICE / "roles.csv").open(encoding="utf-8", newline="") as file:
        anywhere = {row["key"] for row in csv.DictReader(file) if row["near"] == "anywhere"}
    for role in needed - anywhere:
        places = {province(u["code"]) for u in office["units"] if role in u["roles"] and staffed[u["code"]]}
        assert places >= {"henan", "zhejiang"}, f"{role} is answered in {places} only"
    for role in needed & anywhere:
        assert any(role in u["roles"] and staffed[u["code"]] for u in office["units"]), role


def test_nobody_of_the_office_audits_a_report_of_their_own() -> None:
    """Who writes the report on an appeal and who audits it in the province are different people (domain 2.4 A3)."""
    office = organisation()
    roles = {unit["code"]: set(unit["roles"]) for unit in office["units"]}
    for person in office["people"]:
        seats = {person["unit"], *(also["unit"] for also in person.get("also", ()))}
        answered = {role for seat in seats for role in roles[seat]}
        assert not {"contact_person", "provincial_service"} <= answered, person["login"]


def demo_tree() -> Organisation:
    """The demo's units as work is routed among them."""
    units = {unit["code"]: unit for unit in organisation()["units"]}

    def path(code: str) -> str:
        above = units[code].get("parent")
        return f"{path(above) if above else '/'}{code}/"

    made = [
        Unit(
            number,
            code,
            unit["name"],
            unit["name_en"],
            unit["kind"],
            path(code),
            frozenset(unit["roles"]),
            handles=tuple(unit.get("handles", ())),
        )
        for number, (code, unit) in enumerate(units.items())
    ]
    return Organisation.of(tuple(sorted(made, key=lambda unit: unit.path)))


def problems() -> list[dict[str, str]]:
    with (CONTENT / "classification" / "problem_type.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_complaint_about_a_channel_names_the_channel_and_nothing_else_does() -> None:
    """003§2.3.1 渠道服务质量投诉 lists channels where other lines list problems (domain 1.14 #16)."""
    lines = {row["code"]: set(row["within"].split()) for row in problems()}
    of_channels = {code for code, within in lines.items() if not within or "channel_service" in within}
    assert of_channels - {"other"} == {
        code for code, within in lines.items() if within == {"channel_service"}
    }
    assert len(of_channels) == 8
    for code in of_channels:
        said = read_decisions((CONTENT / "decisions" / "routing.dmn").read_bytes(), "routing.dmn").evaluate(
            "routing", {"loop": {"business": "service_channel", "problem_type": code}}
        )
        assert said.outputs["department"] == "channels"


@pytest.mark.parametrize("province", ["henan", "zhejiang"])
def test_an_order_without_a_named_unit_goes_where_the_routing_table_suggests(province: str) -> None:
    office = demo_tree()
    table = read_decisions((CONTENT / "decisions" / "routing.dmn").read_bytes(), "routing.dmn")
    options = {part["key"]: part.get("values", ()) for part in start_form()["components"] if "key" in part}
    channels = {row["code"] for row in problems() if row["within"] == "channel_service"}
    for business in options["business"]:
        for problem in options["problem_type"]:
            if problem["value"] in channels and business["value"] != "service_channel":
                continue  # the server takes a channel for complaints about channels only
            facts = {
                "customer": {"home_province": province},
                "business": business["value"],
                "problem_type": problem["value"],
                "phenomenon": "随便写的",
            }
            said = table.evaluate("routing", {"loop": facts}).outputs["department"]
            got = groups_for(office, ["department"], properties={"route.unit": None}, facts=facts)
            assert got == (f"department@/hq/{province}/{province}_{said}/",), (business, problem)


def test_every_lane_of_the_content_with_work_for_people_is_named_after_a_role() -> None:
    with (OFFICE / "roles.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {
        name for row in rows for name in (row["name_zh"], row["key"], *row["aliases"].split(";")) if name
    }
    keys = {row["key"] for row in rows}
    for drawing in drawings():
        for lane, members in drawing.members.items():
            people = [
                drawing.nodes[node]
                for node in members
                if drawing.nodes[node].kind == "userTask"
                and not (drawing.nodes[node].camunda("candidateGroups") or "").startswith("=")
            ]
            assert not people or drawing.lanes[lane].name in names, drawing.lanes[lane].name
            assert {node.camunda("candidateGroups") for node in people} <= keys


def test_every_unit_the_routing_table_or_a_form_names_exists() -> None:
    codes = {unit["code"] for unit in organisation()["units"]}
    for name in ("dispatch_order", "second_dispatch", "arbitrate_order", "judge_order"):
        form = json.loads((CONTENT / "forms" / f"{name}.form").read_text(encoding="utf-8"))
        for part in form["components"]:
            if part.get("key") == "remote_unit":
                assert {option["value"] for option in part["values"]} <= codes
            if part.get("key") in ("department", "transfer_to", "assisting_departments"):
                wanted = {option["value"] for option in part["values"]} - {"suggested"}
                for province in ("henan", "zhejiang"):
                    assert {f"{province}_{each}" for each in wanted} <= codes


def register() -> Policies:
    rows = read_rows((f"row {number}", row) for number, row in enumerate(clocks(), start=2))
    known: dict[str, list[Policy]] = {}
    for terms in rows.values():
        known.setdefault(terms.code, []).append(Policy(**asdict(terms)))
    return Policies({code: tuple(found) for code, found in known.items()})


def test_the_clock_register_and_the_clock_table_promise_the_same_hours() -> None:
    policies = register()
    model = read_decisions((CONTENT / "decisions" / "clock.dmn").read_bytes(), "clock.dmn")
    for level in ("general", "provincial", "national"):
        for customer in ("normal", "vip"):
            for network in ("2g", "3g", "4g", "5g", "fixed"):
                case = {"customer": {"level": customer, "network": network}}
                said = model.evaluate("clock", {"case": case, "decision": {"level": level}}).outputs
                chosen = {"level": level, "customer_level": customer, "network": network}
                overall = policies.find("R01.all", **chosen)
                assert said["stage_hours"] == policies.find("R01.stage", **chosen).amount, chosen
                assert (said["reply_hours"], said["target_hours"]) == (overall.amount, overall.target), chosen
                again = policies.find("R01.again", **chosen)
                assert (again.amount, again.target, again.rungs) == (
                    overall.amount,
                    overall.target,
                    overall.rungs,
                )
                parts = sum(policies.find(code).amount for code in ("R01.fill", "R01.audit", "R01.reply"))
                if customer != "vip" and network != "3g":  # these have the lower limit
                    assert said["stage_hours"] + parts == overall.amount, chosen


def test_every_row_of_the_three_core_regimes_is_for_something_a_form_or_decision_can_say() -> None:
    starts = {
        part["key"]: {each["value"] for each in part["values"]}
        for name in ("complaint_start", "upgrade_complaint_start", "appeal_start")
        for part in json.loads((CONTENT / "forms" / f"{name}.form").read_text(encoding="utf-8"))["components"]
        if part.get("key") in ("customer.level", "customer.network")
    }
    model = (CONTENT / "decisions" / "level.dmn").read_text(encoding="utf-8")
    known = {
        "regime": {drawing.key for drawing in drawings()},
        "level": set(re.findall(r'<text>"(\w+)"</text>', model)),
        "customer_level": starts["customer.level"],
        "network": starts["customer.network"],
    }
    for row in clocks():
        if row["code"][:3] in ("R01", "R02", "R03"):
            for column, values in known.items():
                assert not row[column] or row[column] in values, (row["code"], column, row[column])


def test_the_clock_register_holds_every_limit_of_the_domain() -> None:
    """Code, level, customer level, network → limit and unit, as domain §1.13 and §1.14 have them."""
    policies = register()
    for code, limit, unit, chosen in (
        ("R01.fill", 1, "h", {}), ("R01.audit", 4, "h", {}), ("R01.reply", 2, "h", {}),
        ("R01.all", 24, "h", {"level": "general"}), ("R01.all", 48, "h", {"level": "provincial"}),
        ("R01.all", 72, "h", {"level": "national"}), ("R01.revisit", 7, "cd", {}),
        ("R02.all", 7, "wd", {"network": "fixed"}), ("R02.all", 3, "wd", {"network": "4g"}),
        ("R02.all", 3, "wd", {}), ("R02.sign", 4, "h", {}),
        ("R03.acc", 1, "wd", {}), ("R03.prov", 4, "wd", {}), ("R03.hq", 2, "wd", {}), ("R03.all", 7, "wd", {}),
        ("R03.reg", 10, "cd", {}), ("R05.all", 48, "h", {}), ("R06.phone", 1, "h", {}),
        ("R07b.phone", 1, "h", {}), ("R07b.fax", 4, "h", {}), ("R07c.a", 1, "h", {}), ("R07c.b", 2, "h", {}),
        ("R07c.c", 1, "h", {}), ("R07c.d", 1, "h", {}), ("R07c.e", 4, "h", {}), ("R07e.all", 1, "h", {}),
        ("R24.mail", 4, "h", {}), ("R24.silence", 7, "wd", {}), ("R27.all", 5, "wd", {}),
        ("R29.up", Decimal("0.5"), "wd", {}), ("R29.back", Decimal("0.5"), "wd", {}), ("R29.gap", 3, "cd", {}),
        ("R29.gap", 1, "cd", {"level": "major"}), ("R29.all", 5, "wd", {}), ("R35.unassigned", 48, "h", {}),
    ):  # fmt: skip
        found = policies.find(code, **chosen)
        assert (found.amount, found.unit) == (limit, unit), (code, chosen)


def test_stages_of_an_appeal_add_up_to_its_seven_working_days() -> None:
    policies = register()
    parts = sum(policies.find(f"R03.{stage}").amount for stage in ("acc", "prov", "hq"))
    assert parts == policies.find("R03.all").amount == policies.find("R03.again").amount


def test_what_may_pause_a_clock_follows_from_whom_it_binds() -> None:
    """Waiting for the customer stops the internal limits, only the regulator the statutory one, nothing the alarm."""
    policies = register()
    assert policies.find("R03.reg").pauses == ("regulator",)
    assert policies.find("R35.unassigned").pauses == ()
    for code in ("R01.all", "R01.stage", "R01.reply", "R02.all", "R03.all", "R03.prov"):
        assert "customer" in policies.find(code).pauses, code
    promised = {code for code, rows in policies.by_code.items() for row in rows if row.promised}
    assert promised == {"R01.all", "R01.again", "R02.all", "R03.reg"}


def test_every_row_of_the_register_has_names_in_two_languages_and_a_clause() -> None:
    for row in clocks():
        assert re.search(r"[\u4e00-\u9fff]", row["name_zh"]), row
        assert row["name_en"].isascii(), row
        assert row["clause"], row
        assert (row["ours"] == "yes") == ("[D]" in row["clause"]), row


def test_nineteen_complaints_are_fit_to_file_and_three_are_not() -> None:
    check = compile_form(start_form())
    refused: dict[int, set[str]] = {}
    for number, row in enumerate(complaints(), start=1):
        try:
            check.check(as_facts(row), now=NOW)
        except AnswersRefused as refusal:
            refused[number] = {problem.path for problem in refusal.problems}
    assert len(complaints()) == 22
    assert list(refused.values()) == [{"demand"}, {"customer.phone"}, {"channel", "business"}]


def test_the_complaints_differ_as_real_ones_do() -> None:
    rows = complaints()
    assert len({row["channel"] for row in rows}) >= 9
    assert len({row["business"] for row in rows}) >= 10
    assert {row["customer.level"] for row in rows} == {"normal", "vip"}
    assert any("media" in row["tags"] for row in rows)
    assert len({row["script"] for row in rows}) >= 14


def test_the_demo_answers_fit_the_forms() -> None:
    told = yaml.safe_load((OFFICE / "demo_answers.yaml").read_text(encoding="utf-8"))["answers"]
    numbers = {name: f"TS-{name}" for name in {script for each in told.values() for script in each}}
    words = Words("0301-abcdef", NOW, numbers)
    found = {"numbers": list(numbers.values()), "options": [{"value": number} for number in numbers.values()]}
    context = {"result": {"find_duplicates": found, "find_prior_cases": found, "evidence": found}}
    for activity, by_script in told.items():
        check = compile_form(json.loads((CONTENT / "forms" / f"{activity}.form").read_text(encoding="utf-8")))
        for script, chosen in by_script.items():
            for answers in chosen if isinstance(chosen, list) else [chosen]:
                for province in ("henan", "zhejiang"):
                    filled = {key: _filled(value, province) for key, value in answers.items()}
                    try:
                        check.check(words.said(filled), now=NOW, context=context)
                    except AnswersRefused as refusal:
                        pytest.fail(f"{activity} / {script}: {refusal.problems}")


def _filled(value: Any, province: str) -> Any:
    """What a placeholder of the answer file stands for in a case of this province."""
    if isinstance(value, dict):
        return value[province] if "by" in value else "2026-03-05T09:00+08:00"
    return value


@pytest.mark.parametrize("path", files("form"), ids=lambda path: path.stem)
def test_what_repeats_a_list_of_the_classification_names_it_and_says_the_same(path: Path) -> None:
    lists = {
        file.stem: [
            (row["code"], row["name_zh"])
            for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines())
        ]
        for file in (CONTENT / "classification").glob("*.csv")
    }
    form = json.loads(path.read_text(encoding="utf-8"))
    for part in form["components"]:
        said = [(each["value"], each["label"]) for each in part.get("values") or ()]
        named = (part.get("properties") or {}).get("classification")
        assert named or part.get("key") not in ("business", "problem_type", "symptom", "cause"), part["key"]
        if named is not None:
            assert said == lists[named], f"{part['key']} differs from {named}.csv"
            within = part["properties"].get("within")
            assert within is None or within in {other.get("key") for other in form["components"]}
