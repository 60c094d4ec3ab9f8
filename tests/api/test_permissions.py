"""Every route has a recipe for the walk through the matrix (`tests/api/matrix`), and the OpenAPI document names the
permissions.
"""

from __future__ import annotations

from typing import Any

from admin.blueprint import PAGES, UPLOADS
from api.edge import OPERATIONS
from tests.api.matrix.routes import OPEN_TO_ALL, ROOMS


def test_every_operation_and_every_page_has_a_recipe_and_every_recipe_a_route() -> None:
    assert {name for room in ROOMS for name in room.RECIPES} == set(OPERATIONS) - OPEN_TO_ALL
    assert {name for room in ROOMS for name in room.PAGES} == {
        endpoint for _, _, endpoint, *_ in (*PAGES, *UPLOADS)
    }


def test_a_made_up_token_is_not_signed_in(api: Any) -> None:
    for header in ("Bearer x", "Bearer " + "x" * 5000, "Basic abc", "Bearer", "bearer \u00fc"):
        answer = api(None, "GET", "/me", headers={"Authorization": header})
        assert answer.status_code == 401, header


def test_the_openapi_document_names_operation_permission_and_problem(api: Any) -> None:
    document = api(None, "GET", "/openapi.json").json
    assert document["openapi"] == "3.1.0"
    found = {
        operation["operationId"]: operation
        for path in document["paths"].values()
        for method, operation in path.items()
        if method in ("get", "post", "delete", "put", "patch")
    }
    assert set(found) == set(OPERATIONS)
    for name, operation in found.items():
        if name in OPEN_TO_ALL:
            assert operation["security"] == []
        else:
            assert operation["x-permission"] == OPERATIONS[name].permission
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
