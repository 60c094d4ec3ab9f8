"""What is kept is bounded by its weight, and made once."""

from __future__ import annotations

import threading

from engine.expressions.feel.caching import Kept


def test_a_thing_is_made_once_while_it_is_used() -> None:
    kept: Kept[str, str] = Kept(100)
    made: list[str] = []

    def get(key: str, weight: int) -> str:
        return kept.get(key, weight, lambda: made.append(key) or key.upper())

    assert [get("a", 20), get("a", 20)] == ["A", "A"]
    assert made == ["a"]
    for key in "bcd":
        get(key, 25)
        get("a", 20)
    get("e", 25)
    # "b" was not used for longest; "a" is kept, being asked for all the time.
    assert (get("a", 20), made) == ("A", ["a", "b", "c", "d", "e"])
    get("b", 25)
    assert made[-1] == "b"


def test_what_is_too_heavy_is_made_each_time() -> None:
    kept: Kept[str, object] = Kept(100)
    assert kept.get("large", 26, object) is not kept.get("large", 26, object)
    assert kept.get("small", 25, object) is kept.get("small", 25, object)


def test_threads_share_what_is_kept() -> None:
    kept: Kept[int, list[int]] = Kept(1_000)
    wrong: list[int] = []

    def work() -> None:
        for number in range(2_000):
            key = number % 70
            if kept.get(key, 20, lambda key=key: [key]) != [key]:  # type: ignore[misc]
                wrong.append(key)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
