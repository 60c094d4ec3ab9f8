"""A worker killed while it sends leaves nothing undone, and what comes twice can be told by its key."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from tasks.notices.tables import Delivery
from tasks.people.tables import Person
from tests.conftest import SECRET_KEY
from tests.redress.running import REPOSITORY
from tests.tasks.notices.conftest import SENDER
from tests.tasks.notices.mail_server import HANG, MailServer
from tests.tasks.notices.test_delivery import told
from tests.tasks.office import TestOffice


@pytest.mark.crash
def test_a_worker_killed_while_the_server_takes_a_mail_has_it_sent_again_under_the_same_id(
    posting: TestOffice, server: MailServer, database_url: str, tmp_path: Path
) -> None:
    with posting.deps.sessions.begin() as session:
        # The worker's own clock may have it tell operators of something; here only one person can be reached.
        session.execute(sa.update(Person).where(Person.login != "li_na").values(email=""))
    told(posting, "li_na")
    server.after = [HANG]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("REDRESS_")} | {
        "DATABASE_URL": database_url,
        "REDRESS_HOME": str(tmp_path),
        "REDRESS_SECRET_KEY": SECRET_KEY,
        "REDRESS_SMTP_URL": server.url,
        "REDRESS_MAIL_FROM": SENDER,
    }
    worker = subprocess.Popen(
        [sys.executable, "-m", "redress", "worker"], env=environment, cwd=REPOSITORY, stdin=subprocess.DEVNULL
    )
    try:
        assert server.hanging.wait(60)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait(60)
    with posting.deps.sessions() as session:
        assert session.scalar(sa.select(Delivery.state)) == "queued"
        due = session.scalars(sa.select(Delivery.next_at)).one()
    posting.clock.advance(max(due - posting.clock.now(), due - due))
    posting.settle()
    with posting.deps.sessions() as session:
        assert session.scalars(sa.select(Delivery.state)).all() == ["sent"]
    assert len(server.ids) == 2
    assert len(set(server.ids)) == 1
