"""A regime is a folder of files: no Python knows it, and yet it is deployed, filed, worked and archived."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from tests.acceptance.conftest import Office

FOLDER = Path(__file__).parent / "lost_property"


def _deploy(office: Office, login: str = "lu_jian") -> dict[str, object]:
    files = sorted(path for path in FOLDER.iterdir() if path.is_file())
    upload = {"name": "失物招领", "files": [(BytesIO(path.read_bytes()), path.name) for path in files]}
    receipt: dict[str, object] = office.call(
        login, "POST", "/deployments", data=upload, content_type="multipart/form-data"
    )
    return receipt


def test_a_folder_of_files_becomes_a_regime_that_runs_from_filing_to_the_archive(office: Office) -> None:
    _deploy(office)
    facts = {"owner": {"name": "祝南星"}, "thing": "一把黑色雨伞", "value": 30}
    filed = office.call("li_na", "POST", "/cases/lost_property", {"facts": facts})
    number = filed["number"]

    office.work("li_na", number, "search_hall", {"result": "missing"})
    office.work("wang_lei", number, "tell_owner", {"content": False, "note": "请再找一遍"})
    office.work("li_na", number, "search_hall", {"result": "found"})
    office.work("wang_lei", number, "tell_owner", {"content": True})
    office.settle()

    case = office.call("qiao_mu", "GET", f"/cases/{number}")
    assert case["status"] == "completed"
    assert case["archived_at"] is not None
    assert case["facts"]["thing"] == "一把黑色雨伞"
    done = [task["activity_id"] for task in case["tasks"] if task["state"] == "completed"]
    assert done == ["search_hall", "tell_owner", "search_hall", "tell_owner"]


def test_its_start_form_is_checked_with_every_mistake_named(office: Office) -> None:
    _deploy(office)
    facts = {"owner": {"name": "祝"}, "value": -1, "colour": "black"}
    refused = office.ask("li_na", "POST", "/cases/lost_property", {"facts": facts})
    assert refused.status_code == 422
    assert {error["path"] for error in refused.get_json()["errors"]} == {
        "owner.name",
        "thing",
        "value",
        "colour",
    }
    assert office.call("qiao_mu", "GET", "/cases?regime=lost_property")["items"] == []


def test_deploying_the_same_folder_again_makes_no_new_version(office: Office) -> None:
    assert [d["is_new"] for d in _deploy(office)["definitions"]] == [True]  # type: ignore[attr-defined]
    assert _deploy(office)["unchanged"] is True


def test_only_a_process_owner_may_deploy(office: Office) -> None:
    upload = {"files": [(BytesIO((FOLDER / "lost_property.bpmn").read_bytes()), "lost_property.bpmn")]}
    refused = office.ask("li_na", "POST", "/deployments", data=upload, content_type="multipart/form-data")
    assert refused.status_code == 403


def test_loading_the_same_content_again_changes_nothing(office: Office) -> None:
    from redress import content
    from redress.places import packaged

    with office.deps.sessions.begin() as session:
        loaded = content.load(session, office.deps, packaged("bpmn"))
    assert (loaded.new_versions, loaded.organisation, loaded.policies) == ((), 0, 0)
