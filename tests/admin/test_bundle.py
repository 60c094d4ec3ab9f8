"""The browser bundle: built from the sources that are there, and honest about whose work is in it."""

from __future__ import annotations

import json
from pathlib import Path

from hatch_build import read_stamp, source_hash

ADMIN = Path(__file__).parents[2] / "admin"


def test_a_changed_source_asks_for_a_new_bundle_and_unpacked_packages_do_not(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.js").write_text("one")
    before = source_hash(tmp_path)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "big.js").write_text("many")
    assert source_hash(tmp_path) == before
    (tmp_path / "src" / "app.js").write_text("two")
    assert source_hash(tmp_path) != before
    assert read_stamp(tmp_path) == ""


def test_the_lock_file_is_verified_by_hashes_and_names_no_registry() -> None:
    lock = json.loads((ADMIN / "frontend" / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert all("integrity" in entry for entry in packages.values())
    assert not any("resolved" in entry for entry in packages.values())
    wanted = json.loads((ADMIN / "frontend" / "package.json").read_text())
    versions = [*wanted["dependencies"].values(), *wanted["devDependencies"].values()]
    # A package that is there twice has another name beside: npm:name@version.
    exact = [version.rpartition("@")[2] if version.startswith("npm:") else version for version in versions]
    assert all(version[0].isdigit() for version in exact)


def test_the_notices_name_everybody_whose_work_is_in_the_bundle() -> None:
    notices = (ADMIN / "static" / "dist" / "THIRD_PARTY_NOTICES.txt").read_text(encoding="utf-8")
    for package in (
        "bpmn-js 18.31.1",
        "@bpmn-io/form-js-viewer 2.0.0",
        "htmx.org 2.0.11",
        "flatpickr 4.6.13",
    ):
        assert package in notices
    assert "watermark" in notices
