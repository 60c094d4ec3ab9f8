"""Which address an installation gets, also when several start at once."""

from __future__ import annotations

import pytest

from redress.supervisor import CannotRun, PortTaken, listen


def test_two_installations_that_start_at_the_same_moment_get_two_ports() -> None:
    with listen("127.0.0.1") as one, listen("127.0.0.1") as other:
        assert one.getsockname()[1] != other.getsockname()[1]


def test_a_port_that_somebody_named_and_that_is_taken_is_refused_by_its_number() -> None:
    with listen("127.0.0.1") as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} of 127.0.0.1 is taken"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["192.0.2.1", "fe80::5"])
def test_an_address_that_is_not_this_machines_is_refused_by_its_name(host: str) -> None:
    with pytest.raises(CannotRun, match=f"Cannot listen on {host} port 8000: "):
        listen(host)
