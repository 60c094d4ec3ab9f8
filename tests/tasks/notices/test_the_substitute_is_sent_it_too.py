"""What is told to somebody absent about work is sent to who does it meanwhile too."""

from __future__ import annotations

from tests.tasks.absence.test_handing_over import away_now
from tests.tasks.notices.mail_server import MailServer
from tests.tasks.notices.test_delivery import receivers, rows, told
from tests.tasks.office import TestOffice


def test_work_reaches_the_substitute_by_mail_and_what_is_private_does_not(
    posting: TestOffice, server: MailServer
) -> None:
    task = posting.file().tasks[0]["id"]
    away_now(posting)
    posting.reassign("sun_qiang", task, "li_na", "请办理")
    told(posting, "li_na")
    posting.settle()
    assert receivers(server) == ["feng_bo@mail.example", "li_na@mail.example", "li_na@mail.example"]
    (mail,) = [each for each in server.taken if each["To"].addresses[0].addr_spec.startswith("feng_bo")]
    assert "交给您办理" in mail.get_content()
    assert {row.state for row in rows(posting)} == {"sent"}
