"""Signing in: what is counted, what is locked, and that refusals cost and say the same whatever is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from queue import Queue
from threading import Event, Semaphore, Thread
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from engine.errors import RedressError, TooBusy
from redress.settings import Settings
from tasks.people import attempts, sessions, tokens
from tasks.people.attempts import FORGET, LOCK, MOST, TooManyAttempts
from tasks.people.choosing import PasswordRefused, check_new, one_time
from tasks.people.identity import NotSignedIn
from tasks.people.passwords import LONGEST, Passwords
from tasks.people.sign_in import COUNTED, WrongPassword, authenticate, change_password, must_change
from tasks.people.tables import Person, SignInAttempt
from tasks.turns import Turns
from tests.tasks.office import PASSWORD, TestOffice
from tests.tasks.systems import CRM, add_systems

NEW = "gelber Mond über Kaifeng"


def sign_in(office: TestOffice, login: str, password: str) -> str:
    """Sign in as an edge does; returns the login, or the name of the refusal."""
    with office.deps.sessions() as session:
        try:
            found = authenticate(session, office.deps, login, password).login
        except COUNTED as refusal:
            found = type(refusal).__name__
        session.commit()
    return found


def change(office: TestOffice, login: str, **columns: Any) -> None:
    with office.deps.sessions.begin() as session:
        session.execute(sa.update(Person).where(Person.login == login).values(columns))


class Counting(Passwords):
    """Counts the hashes that are really made."""

    def __init__(self) -> None:
        super().__init__(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        self.made = 0

    def verify(self, stored: str | None, password: str) -> bool:
        self.made += 1
        return super().verify(stored, password)


@pytest.mark.parametrize("login", ["li_na", "nobody", "\x00", "\ud800"])
def test_ten_wrong_passwords_lock_a_login_whether_it_exists_or_not(office: TestOffice, login: str) -> None:
    told = [sign_in(office, login, "wrong") for _ in range(MOST + 2)]
    assert told == ["WrongPassword"] * MOST + ["TooManyAttempts"] * 2
    assert sign_in(office, login, PASSWORD) == "TooManyAttempts"
    assert sign_in(office, "he_jing", PASSWORD) == "he_jing"


def test_a_lock_ends_after_its_time_and_is_not_lengthened_by_trying(office: TestOffice) -> None:
    for _ in range(MOST):
        sign_in(office, "li_na", "wrong")
    office.clock.advance(LOCK - timedelta(seconds=1))
    assert sign_in(office, "li_na", PASSWORD) == "TooManyAttempts"
    office.clock.advance(timedelta(seconds=1))
    assert sign_in(office, "li_na", "wrong") == "WrongPassword"
    assert sign_in(office, "li_na", PASSWORD) == "li_na"


def test_a_right_password_clears_the_count_and_so_does_a_quarter_of_an_hour(office: TestOffice) -> None:
    for clear in (lambda: sign_in(office, "li_na", PASSWORD), lambda: office.clock.advance(FORGET)):
        for _ in range(MOST - 1):
            assert sign_in(office, "li_na", "wrong") == "WrongPassword"
        clear()
    for _ in range(MOST):
        assert sign_in(office, "li_na", "wrong") == "WrongPassword"
    assert sign_in(office, "li_na", "wrong") == "TooManyAttempts"


def test_wrong_passwords_spread_over_time_count_as_long_as_none_is_a_quarter_of_an_hour_old(
    office: TestOffice,
) -> None:
    for _ in range(MOST):
        assert sign_in(office, "li_na", "wrong") == "WrongPassword"
        office.clock.advance(timedelta(minutes=1))
    assert sign_in(office, "li_na", PASSWORD) == "TooManyAttempts"


def test_guesses_at_the_same_moment_learn_no_more_than_ten_of_them(office: TestOffice) -> None:
    found: list[str] = []
    threads = [
        Thread(target=lambda: found.append(sign_in(office, "li_na", "wrong"))) for _ in range(MOST + 6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["TooManyAttempts"] * 6 + ["WrongPassword"] * MOST


def test_whatever_is_wrong_costs_the_same_hash_and_the_same_statements(office: TestOffice) -> None:
    add_systems(office)
    counting = Counting()
    seen = TestOffice(replace(office.deps, passwords=counting), office.clock)
    change(office, "deng_li", active=False)
    for _ in range(MOST):
        sign_in(office, "feng_bo", "wrong")
        sign_in(office, "gone", "wrong")
    statements: list[str] = []
    bind = office.deps.sessions.kw["bind"]

    def cost(login: str, password: str) -> tuple[int, list[str]]:
        counting.made = 0
        statements.clear()
        assert sign_in(seen, login, password) in ("WrongPassword", "TooManyAttempts")
        return counting.made, list(statements)

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    sa.event.listen(bind, "before_cursor_execute", note)
    wrong = cost("li_na", "wrong")
    assert wrong[0] == 1 and len(wrong[1]) == 2
    assert cost("nobody", "wrong") == wrong
    assert cost("\x00", "wrong") == wrong
    assert cost("deng_li", PASSWORD) == wrong  # has left
    assert cost(CRM, PASSWORD) == wrong  # a system has no password
    assert cost("feng_bo", PASSWORD) == wrong  # right, but locked
    assert cost("feng_bo", "wrong") == wrong
    assert cost("gone", "wrong") == wrong
    sa.event.remove(bind, "before_cursor_execute", note)


def test_hashes_of_older_parameters_are_made_again_at_the_next_sign_in(office: TestOffice) -> None:
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    seen = TestOffice(replace(office.deps, passwords=stronger), office.clock)
    assert sign_in(seen, "li_na", PASSWORD) == "li_na"
    stored = office.scalar(sa.select(Person.password_hash).where(Person.login == "li_na"))
    assert "t=2" in stored and not stronger.outdated(stored)
    assert sign_in(office, "li_na", PASSWORD) == "li_na"


def test_changing_and_checking_passwords_share_their_few_places() -> None:
    full = Passwords(
        PasswordHasher(time_cost=1, memory_cost=8, parallelism=1), turns=Turns(at_once=1, in_line=0)
    )
    waiting: list[str] = []

    def slow(password: str) -> str:
        calls: list[Callable[[], Any]] = [lambda: full.hash("x"), lambda: full.verify(None, "x")]
        for call in calls:
            with pytest.raises(TooBusy):
                call()
            waiting.append(password)
        return "hash"

    full._hasher = type("Slow", (), {"hash": lambda _self, given: slow(given)})()  # type: ignore[assignment]
    assert full.hash("first") == "hash"
    assert len(waiting) == 2


def test_a_flood_of_passwords_leaves_a_thread_to_everybody_else() -> None:
    """Of four threads no more than three are ever inside, hashing or waiting; who comes then is sent away at once."""
    begun, go_on = Semaphore(0), Event()

    class Slow:
        def hash(self, _given: bytes) -> str:
            begun.release()
            assert go_on.wait(30)
            return "hash"

    passwords = Passwords(Slow(), turns=Turns.among(4, patience=30))  # type: ignore[arg-type]
    told: Queue[str] = Queue()

    def sign_in_once() -> None:
        try:
            told.put(passwords.hash("x"))
        except TooBusy:
            told.put("busy")

    flood = [Thread(target=sign_in_once) for _ in range(20)]
    for one in flood:
        one.start()
    assert begun.acquire(timeout=30) and begun.acquire(timeout=30)
    assert [told.get(timeout=30) for _ in range(17)] == ["busy"] * 17
    go_on.set()
    assert [told.get(timeout=30) for _ in range(3)] == ["hash"] * 3
    for one in flood:
        one.join()


def test_the_same_password_typed_in_another_form_of_unicode_is_the_same(office: TestOffice) -> None:
    passwords = office.deps.passwords
    stored = passwords.hash("Café-１２３ mond")
    assert passwords.verify(stored, "Cafe\u0301-123 mond")
    assert not passwords.verify(stored, "Cafe-123 mond")


@pytest.mark.parametrize(
    "password",
    ["kurz", "neun char", "x" * (LONGEST + 1), "字" * 400, "li_na in Kaifeng", "wo shi 李楠 hao", "a\x00bcdefghijk", "redress-demo", "Redress-Demo", "1234567890", "qwertyuiop", "aaaaaaaaaaaa", "abcdefghijkl", "Password123"],
)  # fmt: skip
def test_a_password_that_is_guessed_first_is_refused_in_both_languages(password: str) -> None:
    with pytest.raises(PasswordRefused) as refused:
        check_new(password, login="li_na", name="李楠", known="redress-demo")
    assert refused.value.facts["message_zh"]
    assert password not in str(refused.value)


@pytest.mark.parametrize(
    "password", ["correct horse battery", "我家的猫叫做豆豆很可爱", NEW, "a" * 20 + "bcd"]
)
def test_a_long_password_of_any_kind_is_taken(password: str) -> None:
    check_new(password, login="li_na", name="李楠", known="redress-demo")


def test_a_one_time_password_may_be_chosen_and_is_never_the_same() -> None:
    drawn = {one_time() for _ in range(100)}
    assert len(drawn) == 100
    for password in drawn:
        check_new(password, login="li_na", name="李楠", known="redress-demo")


def test_changing_the_password_ends_all_sessions_and_tokens(office: TestOffice) -> None:
    with office.acting("li_na") as (session, caller):
        cookie = sessions.open_session(session, office.deps, caller)
        tokens.issue_token(session, office.deps, caller.id, actor=caller.actor)
    with office.acting("li_na") as (session, caller):
        change_password(session, office.deps, "li_na", PASSWORD, NEW)
        assert tokens.tokens_of(session, office.deps, caller.id) == []
    with office.deps.sessions() as session, pytest.raises(NotSignedIn):
        sessions.caller_from_session(session, office.deps, cookie.secret)
    assert sign_in(office, "li_na", PASSWORD) == "WrongPassword"
    assert sign_in(office, "li_na", NEW) == "li_na"


def test_guessing_the_old_password_while_changing_it_counts_like_signing_in(office: TestOffice) -> None:
    def try_to(password: str) -> type[RedressError]:
        with office.deps.sessions() as session:
            try:
                change_password(session, office.deps, "li_na", password, NEW)
            except COUNTED as refusal:
                session.commit()
                return type(refusal)
        raise AssertionError("changed")

    assert [try_to("wrong") for _ in range(MOST)] == [WrongPassword] * MOST
    assert try_to(PASSWORD) is TooManyAttempts
    assert sign_in(office, "li_na", PASSWORD) == "TooManyAttempts"


def test_the_demo_password_is_enough_on_a_trial_installation_only(office: TestOffice, tmp_path: Path) -> None:
    kept = Settings(home=tmp_path)
    assert kept.keeps_demo_passwords
    reachable = (
        replace(kept, host="0.0.0.0"),
        replace(kept, database_url="postgresql://db/redress"),
        replace(kept, public_url="https://redress.example"),
        replace(kept, demo_passwords="change"),
    )
    assert not any(settings.keeps_demo_passwords for settings in reachable)
    assert replace(reachable[0], demo_passwords="keep").keeps_demo_passwords

    def asked(settings: Settings) -> bool:
        with office.deps.sessions.begin() as session:
            deps = replace(office.deps, settings=settings)
            return authenticate(session, deps, "li_na", PASSWORD).must_change_password

    assert not asked(kept)
    assert all(map(asked, reachable))
    with office.deps.sessions.begin() as session:
        change_password(session, office.deps, "li_na", PASSWORD, NEW)
    row = office.scalar(sa.select(Person).where(Person.login == "li_na"))
    assert not must_change(replace(office.deps, settings=reachable[0]), row)


def test_a_given_password_must_be_changed_on_a_trial_installation_too(office: TestOffice) -> None:
    change(office, "li_na", password_changed_at=office.clock.now(), must_change_password=True)
    with office.deps.sessions.begin() as session:
        assert authenticate(session, office.deps, "li_na", PASSWORD).must_change_password


def test_a_session_ends_after_an_hour_without_use_and_after_twelve_in_all(office: TestOffice) -> None:
    with office.acting("li_na") as (session, caller):
        secret = sessions.open_session(session, office.deps, caller).secret

    def used() -> bool:
        with office.deps.sessions() as session:
            _, noted = sessions.caller_from_session(session, office.deps, secret)
            session.commit()
        return noted

    assert not used()
    for _ in range(14):
        office.clock.advance(timedelta(minutes=50))
        assert used()
    office.clock.advance(timedelta(minutes=20))  # 12 hours
    with pytest.raises(NotSignedIn):
        used()
    with office.acting("li_na") as (session, caller):
        secret = sessions.open_session(session, office.deps, caller).secret
    office.clock.advance(timedelta(hours=1))
    with pytest.raises(NotSignedIn):
        used()


def test_what_no_longer_counts_is_forgotten(office: TestOffice) -> None:
    sign_in(office, "he_jing", PASSWORD)
    sign_in(office, "wang_lei", "wrong")
    for _ in range(MOST):
        sign_in(office, "li_na", "wrong")
    kept = sa.select(sa.func.count()).select_from(SignInAttempt)
    assert office.scalar(kept) == 3
    for after, left in ((timedelta(0), 2), (LOCK - timedelta(seconds=1), 2), (timedelta(seconds=1), 0)):
        office.clock.advance(after)
        with office.deps.sessions.begin() as session:
            attempts.forget(session, office.clock.now())
        assert office.scalar(kept) == left
