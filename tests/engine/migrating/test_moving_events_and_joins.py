"""What listens, waits for events or joins while its instance is moved: it comes, goes, changes or opens with the version."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.instance import ProcessInstance
from engine.messages import MessageSubscription
from engine.testing import TESTER
from tests.engine.migrating.moves import Moving
from tests.engine.mirrors import check_mirrors

SPLIT = (
    "start s",
    "and f",
    "user a",
    "user b",
    "and j",
    "end e",
    "s -> f -> a -> j",
    "f -> b -> j",
    "j -> e",
)


def test_a_join_that_would_wait_for_a_flow_nobody_can_feed_is_refused(run: Moving) -> None:
    run.draw(*SPLIT)
    run.start("p")
    run.complete("a")
    more = run.draw(
        "start s", "and f", "user a", "user b", "user c", "and j", "end e",
        "s -> f -> a -> j", "f -> b -> j", "f -> c -> j", "j -> e",
    )  # fmt: skip
    assert ("starves", "j") in run.refused(more)


BEHIND = "start s", "user a", "user b", "user c", "end e"
ONE_BY_ONE = (*BEHIND, "s -> a -> b -> c -> e")
SIDE_BY_SIDE = (*BEHIND, "and f", "and j", "s -> f -> a -> j -> c -> e", "f -> b -> j")


@pytest.mark.parametrize(
    ("drawn", "twice"),
    [
        (ONE_BY_ONE, ["b", "c"]),
        ((*BEHIND, "and f", "xor j", "s -> f -> a -> j -> c -> e", "f -> b -> j"), []),  # it always would
        ((*BEHIND, "and f", "end e2", "s -> f -> a -> e2", "f -> b -> c -> e"), []),
    ],
)
def test_what_would_run_twice_by_the_move_is_warned_of(
    run: Moving, drawn: tuple[str, ...], twice: list[str]
) -> None:
    run.draw(*SIDE_BY_SIDE)
    run.start("p")
    verdict = run.move(run.draw(*drawn))
    assert [(one.code, one.element) for one in verdict.warnings] == [("runs-twice", name) for name in twice]


def test_a_new_join_ahead_of_a_token_whose_other_branch_never_began_is_refused(run: Moving) -> None:
    run.draw("start s", "user a", "end e", "s -> a -> e")
    run.start("p")
    assert run.refused(run.draw(*SPLIT)) == [("starves", "j")]


def test_a_way_back_around_the_split_does_not_hide_that_a_join_would_starve(run: Moving) -> None:
    run.draw("start s", "user a", "end e", "s -> a -> e")
    run.start("p")
    back = run.draw(
        "start s", "xor m", "and f", "user a", "boundary again attachedToRef=a timeDuration=P9D", "user b", "and j", "end e",
        "s -> m -> f -> a -> j", "f -> b -> j", "again -> m", "j -> e",
    )  # fmt: skip
    assert run.refused(back) == [("starves", "j")]


def test_a_join_opens_with_the_move_where_the_flow_it_waited_for_is_gone(run: Moving) -> None:
    run.draw(
        "start s", "and f", "user a", "user b", "sub x {", "user c", "}", "and j", "user after", "end e",
        "s -> f -> a -> j", "f -> b -> j", "f -> x -> j", "j -> after -> e",
    )  # fmt: skip
    run.start("p")
    run.complete("a")
    run.complete("b")
    later = run.draw(
        "start s", "and f", "user a", "user b", "sub x {", "user c", "}", "and j", "user after", "end e", "end e2",
        "s -> f -> a -> j", "f -> b -> j", "f -> x -> e2", "j -> after -> e",
    )  # fmt: skip
    with run.sessions.begin() as session:
        instance = session.scalar(sa.select(ProcessInstance.id))
        run.engine.suspend(session, instance, reason="wait", actor=TESTER)
    assert run.refused(later) == [("opens", "j")]
    with run.sessions.begin() as session:
        run.engine.resume(session, instance, actor=TESTER)
    assert ("join-opens", "j") in run.codes(run.move(later))
    assert run.waiting() == ["after", "c"]


def test_events_at_borders_come_and_go_with_the_version(run: Moving) -> None:
    user = ("start s", "user u", "end e", "end late", "s -> u -> e")
    run.draw(*user, "boundary gone attachedToRef=u timeDuration=PT5H", "boundary kept attachedToRef=u timeDuration=PT6H cancelActivity=false",
             "boundary moved attachedToRef=u timeDuration=PT7H", "gone -> late", "kept -> late", "moved -> late")  # fmt: skip
    run.start("p")
    before = run.due()
    run.clock.advance(timedelta(hours=1))
    later = run.draw(*user, "boundary fresh attachedToRef=u timeDuration=PT1H", "boundary kept attachedToRef=u timeDuration=PT6H cancelActivity=false",
             "boundary moved attachedToRef=u timeDuration=PT2H", "boundary said attachedToRef=u message=stop",
             "fresh -> late", "kept -> late", "moved -> late", "said -> late")  # fmt: skip
    verdict = run.move(later)
    assert sorted(run.codes(verdict)) == [
        ("event-gone", "gone"), ("event-new", "fresh"), ("event-new", "said"), ("timer-moved", "moved"),
    ]  # fmt: skip
    now = run.clock.now()
    assert run.due() == {
        "kept": before["kept"],
        "fresh": now + timedelta(hours=1),
        "moved": now + timedelta(hours=2),
    }
    assert run.scalar(sa.select(MessageSubscription.name)) == "stop"


def test_an_event_that_has_happened_already_does_not_happen_again(run: Moving) -> None:
    lines = (
        "start s",
        "user u",
        "end e",
        "end late",
        "boundary t attachedToRef=u timeDuration=PT1H cancelActivity=false",
        "t -> late",
    )
    run.draw(*lines, "s -> u -> e")
    run.start("p")
    run.advance(hours=2)
    run.move(run.draw(*lines, "task more", "s -> u -> more -> e"))
    assert run.due() == {}


def test_what_triggers_event_sub_processes_comes_and_goes_too(run: Moving) -> None:
    run.draw(
        "start s",
        "user u",
        "end e",
        "s -> u -> e",
        "on x {",
        "start xs message=old",
        "user xu",
        "end xe",
        "xs -> xu -> xe",
        "}",
    )
    run.start("p")
    later = run.draw("start s", "user u", "end e", "s -> u -> e",
                     "on x {", "start xs message=new", "user xu", "end xe", "xs -> xu -> xe", "}",
                     "on y {", "start ys timeDuration=PT3H isInterrupting=false", "user yu", "end ye", "ys -> yu -> ye", "}")  # fmt: skip
    assert sorted(run.codes(run.move(later))) == [("event-changed", "xs"), ("event-new", "ys")]
    assert run.rows(sa.select(MessageSubscription.name))[0].name == "new"
    run.advance(hours=3)
    assert run.waiting() == ["u", "yu"]
    run.correlate("new")
    assert run.waiting() == ["xu"]
    run.move(run.draw("start s", "user u", "end e", "s -> u -> e",
                     "on x {", "start xs message=new", "user xu", "end xe", "xs -> xu -> xe", "}",
                     "on z {", "start zs timeDuration=PT3H", "end ze", "zs -> ze", "}"))  # fmt: skip
    assert run.due() == {}, "an event sub-process that took the scope over is not triggered away"


def test_what_waits_for_a_message_or_a_timer_takes_the_new_name_and_the_new_value(run: Moving) -> None:
    run.draw(
        "start s",
        "and f",
        "receive m message=one",
        "catch t timeDuration=PT5H",
        "end e",
        "s -> f -> m -> e",
        "f -> t -> e",
    )
    run.start("p")
    later = run.draw(
        "start s",
        "and f",
        "receive m message=two",
        "catch t timeDuration=PT9H",
        "end e",
        "s -> f -> m -> e",
        "f -> t -> e",
    )
    assert sorted(run.codes(run.move(later))) == [("event-changed", "m"), ("timer-moved", "t")]
    run.correlate("two")
    run.advance(hours=9)
    assert run.scalar(sa.select(ProcessInstance.status)) == "completed"


def test_an_event_gateway_waits_for_what_follows_it_in_the_new_version(run: Moving) -> None:
    run.draw(
        "start s",
        "events g",
        "receive a message=a",
        "catch b timeDuration=PT5H",
        "end e",
        "s -> g -> a -> e",
        "g -> b -> e",
    )
    run.start("p")
    without = run.draw("start s", "events g", "receive c message=c", "catch b timeDuration=PT5H", "receive a message=a", "end e",
                       "s -> g -> c -> e", "g -> b -> a -> e")  # fmt: skip
    assert ("gateway", "a") in run.refused(without)
    more = run.draw("start s", "events g", "receive a message=a", "catch b timeDuration=PT5H", "receive c message=c", "user u", "end e",
                    "s -> g -> a -> e", "g -> b -> e", "g -> c -> u -> e")  # fmt: skip
    assert run.codes(run.move(more)) == [("event-new", "c")]
    run.correlate("c")
    assert (run.waiting(), run.due()) == (["u"], {})
    check_mirrors(run)
