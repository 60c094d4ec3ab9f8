"""Notice preferences over the API: read, replaced as a whole, refused whole."""

from __future__ import annotations

from typing import Any


def test_preferences_are_read_and_replaced(api: Any) -> None:
    assert api("li_na", "GET", "/notices/preferences").json == {
        "how": [],
        "quiet": None,
        "digest": {"hour": 9},
    }
    night = {"how": [], "quiet": {"begins": "22:00", "ends": "07:30"}, "digest": {"hour": None}}
    assert api("li_na", "PUT", "/notices/preferences", night).json == night
    assert api("li_na", "GET", "/notices/preferences").json == night
    assert api("feng_bo", "GET", "/notices/preferences").json["quiet"] is None
    fax = {"how": [{"cause": "mention", "channel": "fax", "how": "never"}], "quiet": None}
    refused = api("li_na", "PUT", "/notices/preferences", fax)
    assert (refused.status_code, "no channel fax" in refused.json["detail"]) == (422, True)
    assert api("li_na", "GET", "/notices/preferences").json == night
