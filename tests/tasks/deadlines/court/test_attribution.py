"""Every minute of a case is somebody's, once: who has the ball, and who pays for a refusal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tasks.deadlines.court.attributing import (
    ASSISTING,
    HANDLING,
    MACHINE,
    REASONS,
    REFUSAL,
    Held,
    Segment,
    Stood,
    attribute,
    whole_minutes,
)
from tasks.deadlines.court.tables import CANCELLED, DONE, REFUSED, REROUTED

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CENTRE, NETWORK, BILLING, HOTLINE = "/hq/centre/", "/hq/network/", "/hq/billing/", "/hq/hotline/"


def at(hours: float) -> datetime:
    return NINE + timedelta(hours=hours)


def held(
    number: int,
    unit: str,
    begun: float,
    over: float | None = None,
    outcome: str = DONE,
    *,
    role: str = "",
    activity: str = "",
    assisting: bool = False,
) -> Held:
    return Held(
        UUID(int=number),
        unit,
        role or unit,
        activity or f"step_{number}",
        f"step {number}",
        at(begun),
        None if over is None else at(over),
        "" if over is None else outcome,
        assisting,
    )


def told(segments: list[Segment]) -> list[tuple[float, str, str, str]]:
    """Hours, charged unit, reason, holder of each segment."""
    return [
        ((one.to_at - one.from_at) / timedelta(hours=1), one.unit, one.reason, one.holder) for one in segments
    ]


def of(
    *holdings: Held, pauses: tuple[Stood, ...] = (), until: float = 10
) -> list[tuple[float, str, str, str]]:
    return told(attribute(holdings, pauses, NINE, at(until), filed_in=HOTLINE))


def test_each_holder_answers_for_the_time_they_hold_the_work() -> None:
    assert of(held(1, CENTRE, 0, 3), held(2, NETWORK, 3)) == [
        (3, CENTRE, HANDLING, CENTRE),
        (7, NETWORK, HANDLING, NETWORK),
    ]


def test_of_several_who_hold_work_the_longest_waiting_answers() -> None:
    assert of(held(1, CENTRE, 0, 6), held(2, NETWORK, 2, 8), held(3, BILLING, 7)) == [
        (6, CENTRE, HANDLING, CENTRE),
        (2, NETWORK, HANDLING, NETWORK),
        (2, BILLING, HANDLING, BILLING),
    ]


def test_work_that_was_rerouted_keeps_its_age() -> None:
    first = held(1, NETWORK, 0, 5, REROUTED)
    assert of(first, held(2, CENTRE, 1), held(1, BILLING, 5)) == [
        (5, NETWORK, HANDLING, NETWORK),
        (5, BILLING, HANDLING, BILLING),
    ]


def test_time_is_the_assistants_only_while_nobody_else_has_work() -> None:
    assistant = held(2, BILLING, 1, 8, assisting=True)
    assert of(held(1, NETWORK, 0, 4), assistant, held(3, NETWORK, 6)) == [
        (4, NETWORK, HANDLING, NETWORK),
        (2, BILLING, ASSISTING, BILLING),
        (4, NETWORK, HANDLING, NETWORK),
    ]


def test_without_work_the_time_is_the_machines_on_who_held_last() -> None:
    assert of(held(1, CENTRE, 1, 3)) == [
        (1, HOTLINE, MACHINE, HOTLINE),
        (2, CENTRE, HANDLING, CENTRE),
        (7, CENTRE, MACHINE, CENTRE),
    ]


def test_while_the_case_waits_for_somebody_outside_nobody_inside_is_charged() -> None:
    pauses = (Stood("customer", at(2), at(4)), Stood("regulator", at(9)))
    assert of(held(1, CENTRE, 0, 3), held(2, NETWORK, 3), pauses=pauses) == [
        (2, CENTRE, HANDLING, CENTRE),
        (1, "", "customer", CENTRE),
        (1, "", "customer", NETWORK),
        (5, NETWORK, HANDLING, NETWORK),
        (1, "", "regulator", NETWORK),
    ]


def test_the_pause_of_one_task_excuses_only_who_holds_that_task() -> None:
    pauses = (Stood("customer", at(1), at(9), UUID(int=2)),)
    assert of(held(1, CENTRE, 0, 3), held(2, NETWORK, 0, 6), held(3, BILLING, 6), pauses=pauses) == [
        (3, CENTRE, HANDLING, CENTRE),
        (3, "", "customer", NETWORK),
        (4, BILLING, HANDLING, BILLING),
    ]


def test_who_refuses_pays_until_the_work_is_dispatched_again() -> None:
    dispatch = held(1, CENTRE, 0, 1, role="centre", activity="dispatch")
    refused = held(2, NETWORK, 1, 3, REFUSED, role="department", activity="sign")
    again = held(3, CENTRE, 4, 6, role="centre", activity="dispatch")
    signed = held(4, BILLING, 6, role="department", activity="sign")
    assert of(dispatch, refused, again, signed) == [
        (1, CENTRE, HANDLING, CENTRE),
        (2, NETWORK, REFUSAL, NETWORK),
        (1, NETWORK, REFUSAL, NETWORK),
        (2, NETWORK, REFUSAL, CENTRE),
        (4, BILLING, HANDLING, BILLING),
    ]


def test_two_refusals_are_each_charged_to_their_own() -> None:
    assert of(
        held(1, NETWORK, 0, 2, REFUSED, role="department", activity="sign"),
        held(2, CENTRE, 2, 3, role="centre", activity="dispatch"),
        held(3, BILLING, 3, 5, REFUSED, role="department", activity="sign"),
        held(4, "/hq/", 5, 9, role="headquarters", activity="arbitrate"),
        held(5, NETWORK, 9, role="department", activity="handle"),
    ) == [
        (2, NETWORK, REFUSAL, NETWORK),
        (1, NETWORK, REFUSAL, CENTRE),
        (2, BILLING, REFUSAL, BILLING),
        (4, BILLING, REFUSAL, "/hq/"),
        (1, NETWORK, HANDLING, NETWORK),
    ]


def test_refused_work_that_goes_straight_to_the_next_of_its_kind_is_theirs() -> None:
    assert of(
        held(1, NETWORK, 0, 2, REFUSED, role="department", activity="sign"),
        held(2, BILLING, 2, role="department", activity="sign"),
    ) == [(2, NETWORK, REFUSAL, NETWORK), (8, BILLING, HANDLING, BILLING)]


def test_a_refusal_beside_older_work_leaves_that_to_its_holder() -> None:
    assert of(
        held(1, CENTRE, 0, 4, role="centre"),
        held(2, NETWORK, 1, 3, REFUSED, role="department", activity="sign"),
        held(3, "/hq/", 3, 6, role="headquarters", activity="dispatch"),
        held(4, BILLING, 6, role="department", activity="sign"),
    ) == [
        (4, CENTRE, HANDLING, CENTRE),
        (2, NETWORK, REFUSAL, "/hq/"),
        (4, BILLING, HANDLING, BILLING),
    ]


def test_of_two_that_refuse_together_the_last_pays_for_the_dispatch() -> None:
    assert of(
        held(1, NETWORK, 0, 2, REFUSED, role="department", activity="sign"),
        held(2, BILLING, 0, 3, REFUSED, role="department", activity="sign"),
        held(3, CENTRE, 3, 5, role="centre", activity="dispatch"),
        held(4, NETWORK, 5, role="department", activity="handle"),
    ) == [
        (2, NETWORK, REFUSAL, NETWORK),
        (1, BILLING, REFUSAL, BILLING),
        (2, BILLING, REFUSAL, CENTRE),
        (5, NETWORK, HANDLING, NETWORK),
    ]


def test_a_case_of_no_length_has_no_time_to_share_out() -> None:
    assert of(held(1, CENTRE, 0), until=0) == []
    assert whole_minutes([]) == []


_minute = st.integers(-60, 600)
_holding = st.builds(
    lambda number, unit, role, begun, lasts, outcome, assisting: Held(
        UUID(int=number),
        unit,
        role,
        f"step_{number % 3}",
        "",
        NINE + timedelta(minutes=begun),
        None if lasts is None else NINE + timedelta(minutes=begun + lasts),
        "" if lasts is None else outcome,
        assisting,
    ),
    st.integers(1, 6),
    st.sampled_from([CENTRE, NETWORK, BILLING, ""]),
    st.sampled_from(["centre", "department"]),
    _minute,
    st.none() | st.integers(0, 300),
    st.sampled_from([DONE, REFUSED, CANCELLED, REROUTED]),
    st.booleans(),
)
_pause = st.builds(
    lambda reason, begun, lasts, task: Stood(
        reason,
        NINE + timedelta(minutes=begun),
        None if lasts is None else NINE + timedelta(minutes=begun + lasts),
        None if task is None else UUID(int=task),
    ),
    st.sampled_from(["customer", "mass_event", "regulator"]),
    _minute,
    st.none() | st.integers(0, 200),
    st.none() | st.integers(1, 6),
)


@given(
    st.lists(_holding, max_size=12, unique_by=lambda one: (one.task_id, one.from_at)),
    st.lists(_pause, max_size=4),
    st.integers(0, 500),
    st.integers(0, 59),
)
def test_the_segments_cover_the_time_exactly_whatever_happened(
    holdings: list[Held], pauses: list[Stood], minutes: int, seconds: int
) -> None:
    end = NINE + timedelta(minutes=minutes, seconds=seconds)
    segments = attribute(holdings, pauses, NINE, end, filed_in=HOTLINE)
    marks = [NINE, *(one.to_at for one in segments)]
    assert [one.from_at for one in segments] == marks[:-1]
    assert marks[-1] == end
    assert all(one.from_at < one.to_at and one.reason in REASONS for one in segments)
    assert sum(whole_minutes(segments)) == minutes
    assert segments == attribute(holdings[::-1], pauses[::-1], NINE, end, filed_in=HOTLINE)
    for one in segments:
        begun = one.from_at + (one.to_at - one.from_at) / 2
        own = [
            each
            for each in holdings
            if not each.assisting and each.from_at <= begun and (each.to_at is None or each.to_at > begun)
        ]
        if any(
            each.task_id is None and each.from_at <= begun and (each.to_at is None or each.to_at > begun)
            for each in pauses
        ):
            assert one.reason in ("customer", "mass_event", "regulator")
        elif one.reason in (HANDLING, ASSISTING):
            assert one.unit == one.holder
        if one.reason == MACHINE or one.reason == ASSISTING:
            assert not own
