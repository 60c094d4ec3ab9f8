"""The organisation: its tree, who sits where, changing it, and files in and out."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from api.edge import ApiBlueprint, Call, operation
from api.organisation_shapes import (
    AddPerson,
    AddSeat,
    AddUnit,
    ChangePerson,
    ChangeSeat,
    ChangeUnit,
    EditedSchema,
    EndSeat,
    ExportQuery,
    GroupSeatList,
    PersonSchema,
    ReportSchema,
    TreeSchema,
    UnitWithSeats,
)
from engine.errors import InvalidInput
from tasks.organisation import browsing
from tasks.organisation.changing import editing
from tasks.organisation.changing.changes import plain
from tasks.organisation.exchange import exporting, importing
from tasks.organisation.exchange.reading import MOST_BYTES
from tasks.people.oidc.mapping import GroupSeat, mapping

blueprint = ApiBlueprint("organisation", __name__, description="Organisation 组织")

_UPLOAD = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
        "fingerprint": {
            "type": "string",
            "description": "That of the report to carry out; without it only the report is made.",
        },
    },
    "required": ["files"],
}
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


@operation(
    blueprint,
    "GET",
    "/organisation",
    id="readOrganisation",
    permission="organisation.read",
    answer=TreeSchema,
    summary="The tree of units and the posts",
)
def read_organisation(call: Call) -> dict[str, Any]:
    tree = browsing.tree(call.session, call.deps, call.caller)
    return {
        "revision": tree.revision,
        "day": tree.day,
        "units": [_unit(one) for one in tree.units],
        "posts": tree.posts,
    }


@operation(
    blueprint,
    "GET",
    "/organisation/groups",
    id="listProviderGroups",
    permission="organisation.read",
    answer=GroupSeatList,
    summary="Which groups of identity providers give which seats, and what keeps a row from it",
)
def list_provider_groups(call: Call) -> dict[str, Any]:
    return {"items": [_group(one) for one in mapping(call.session, call.deps, call.caller)]}


@operation(
    blueprint,
    "GET",
    "/organisation/units/<code>",
    id="readUnit",
    permission="organisation.read",
    answer=UnitWithSeats,
    summary="A unit with everybody who sits, sat or will sit there",
)
def read_unit(call: Call, code: str) -> dict[str, Any]:
    tree = browsing.tree(call.session, call.deps, call.caller)
    return {
        "revision": tree.revision,
        "unit": _unit(tree.unit(code)),
        "seats": [
            {
                "login": one.person.login,
                "name": one.person.name,
                "kind": one.person.kind,
                "seat": _seat(one.seat, one.in_effect),
            }
            for one in browsing.seats_of_unit(call.session, tree, code)
        ],
    }


@operation(
    blueprint,
    "GET",
    "/organisation/people/<login>",
    id="readPerson",
    permission="organisation.read",
    answer=PersonSchema,
    summary="A person with all seats; the phone only for themself and who maintains them",
)
def read_person(call: Call, login: str) -> dict[str, Any]:
    found = browsing.person(call.session, call.deps, call.caller, login)
    day = call.deps.office.current(call.session).day
    return {**plain(found), "seats": [_seat(seat, found.active and seat.holds(day)) for seat in found.seats]}


@operation(
    blueprint,
    "POST",
    "/organisation/units",
    id="addUnit",
    permission=editing.VERB,
    body=AddUnit,
    answer=EditedSchema,
    status=201,
    summary="Add a unit; without a parent it is an outside body",
)
def add_unit(call: Call, body: dict[str, Any]) -> editing.Edited:
    return editing.add_unit(call.session, call.deps, call.caller, **_split(body))


@operation(
    blueprint,
    "PATCH",
    "/organisation/units/<code>",
    id="changeUnit",
    permission=editing.VERB,
    body=ChangeUnit,
    answer=EditedSchema,
    summary="Rename, move (parent), close (until) or otherwise change a unit",
)
def change_unit(call: Call, body: dict[str, Any], code: str) -> editing.Edited:
    return editing.change_unit(call.session, call.deps, call.caller, code, **_split(body))


@operation(
    blueprint,
    "POST",
    "/organisation/people",
    id="addPerson",
    permission=editing.VERB,
    body=AddPerson,
    answer=EditedSchema,
    status=201,
    summary="Add a person or system with a first seat",
)
def add_person(call: Call, body: dict[str, Any]) -> editing.Edited:
    return editing.add_person(call.session, call.deps, call.caller, **_split(body))


@operation(
    blueprint,
    "PATCH",
    "/organisation/people/<login>",
    id="changePerson",
    permission=editing.VERB,
    body=ChangePerson,
    answer=EditedSchema,
    summary="Change a person; active false signs them out everywhere at once",
)
def change_person(call: Call, body: dict[str, Any], login: str) -> editing.Edited:
    return editing.change_person(call.session, call.deps, call.caller, login, **_split(body))


@operation(
    blueprint,
    "POST",
    "/organisation/people/<login>/seats",
    id="addSeat",
    permission=editing.VERB,
    body=AddSeat,
    answer=EditedSchema,
    status=201,
    summary="Give a person a further seat",
)
def add_seat(call: Call, body: dict[str, Any], login: str) -> editing.Edited:
    return editing.add_seat(call.session, call.deps, call.caller, login, **_split(body))


@operation(
    blueprint,
    "PATCH",
    "/organisation/seats/<int:seat_id>",
    id="changeSeat",
    permission=editing.VERB,
    body=ChangeSeat,
    answer=EditedSchema,
    summary="Change post, title, roles, superior or dates of a seat",
)
def change_seat(call: Call, body: dict[str, Any], seat_id: int) -> editing.Edited:
    return editing.change_seat(call.session, call.deps, call.caller, seat_id, **_split(body))


@operation(
    blueprint,
    "POST",
    "/organisation/seats/<int:seat_id>/end",
    id="endSeat",
    permission=editing.VERB,
    body=EndSeat,
    answer=EditedSchema,
    summary="End a seat with its last day",
)
def end_seat(call: Call, body: dict[str, Any], seat_id: int) -> editing.Edited:
    return editing.end_seat(
        call.session, call.deps, call.caller, seat_id, body["last"], revision=body["revision"]
    )


@operation(
    blueprint,
    "POST",
    "/organisation/imports",
    id="importOrganisation",
    permission=editing.VERB,
    answer=ReportSchema,
    multipart=_UPLOAD,
    summary="Report what CSV or XLSX files would change; with the report's fingerprint, do it",
)
def import_organisation(call: Call) -> dict[str, Any]:
    unknown = (set(request.form) - {"fingerprint"}) | (set(request.files) - {"files"})
    if unknown:
        raise InvalidInput(f"An import was sent with the unknown field {sorted(unknown)[0][:60]}.")
    files = [(file.filename or "file", file.read(MOST_BYTES + 1)) for file in request.files.getlist("files")]
    wanted = request.form.get("fingerprint", "")
    if wanted:
        edited = importing.carry_out(call.session, call.deps, call.caller, files, wanted)
        return {
            "fingerprint": wanted,
            "carried_out": True,
            "revision": edited.revision,
            "unchanged": None,
            "changes": edited.changes,
            "mistakes": [],
            "warnings": edited.warnings,
        }
    report = importing.dry_run(call.session, call.deps, call.caller, files)
    return {
        "fingerprint": report.fingerprint,
        "carried_out": False,
        "revision": None,
        "unchanged": report.unchanged,
        "changes": report.changes,
        "mistakes": report.mistakes,
        "warnings": report.warnings,
    }


@operation(
    blueprint,
    "GET",
    "/organisation/export",
    id="exportOrganisation",
    permission="organisation.read",
    query=ExportQuery,
    produces="*/*",
    summary="The organisation as XLSX, as a zip of CSV files, or one table as CSV",
)
def export_organisation(call: Call, query: dict[str, Any]) -> Response:
    wanted = query["format"]
    if wanted == "xlsx":
        content, named = exporting.export_xlsx(call.session, call.caller), "organisation.xlsx"
    elif wanted == "zip":
        content, named = exporting.export_zip(call.session, call.caller), "organisation.zip"
    else:
        content, named = exporting.export_csv(call.session, call.caller, wanted), f"{wanted}.csv"
    response = Response(content, content_type=_TYPES.get(wanted, "text/csv; charset=utf-8"))
    response.headers["Content-Disposition"] = f'attachment; filename="{named}"'
    return response


def _split(body: dict[str, Any]) -> dict[str, Any]:
    values = dict(body)
    return {"revision": values.pop("revision"), "values": values}


def _unit(one: browsing.UnitView) -> dict[str, Any]:
    unit = one.unit
    return {
        **plain(unit),
        "from": unit.valid_from,
        "until": unit.valid_until,
        "path": one.path,
        "in_effect": one.in_effect,
    }


def _seat(seat: Any, in_effect: bool) -> dict[str, Any]:
    return {
        **plain(seat),
        "from": seat.valid_from,
        "until": seat.valid_until,
        "id": seat.id,
        "in_effect": in_effect,
    }


def _group(one: GroupSeat) -> dict[str, Any]:
    return {
        "provider": one.provider,
        "value": one.value,
        "unit": one.unit_code,
        "unit_name": one.unit.name if one.unit else None,
        "post": one.post_key,
        "post_name": one.post.name if one.post else None,
        "grants": one.grants,
        "roles": one.roles,
        "mistakes": [{"message": en, "message_zh": zh} for zh, en in one.mistakes],
    }
