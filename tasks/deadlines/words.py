"""The words in diagrams that the rooms above the engine understand, as the check of a deployment is told them (docs/clocks.md)."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from engine.dialect.host import Host, Inputs, Meaning, Vocabulary
from engine.dialect.model import MESSAGE_CHECK, MESSAGE_FORM, MESSAGE_FROM, MESSAGE_UNIQUE
from tasks.cases import outcomes
from tasks.cases.letterbox import SENDERS
from tasks.deadlines.clocks import beginning, keeping
from tasks.deadlines.court import keeping as court
from tasks.deadlines.court import refusing
from tasks.deadlines.policies.pauses import PAUSE_REASONS
from tasks.deadlines.policies.register import Policies
from tasks.deadlines.policies.rows import MOST
from tasks.operations.described import DESCRIBED
from tasks.user_task import SEPARATE_FROM, SEPARATE_FROM_ALL

USER_ACTIVITIES = frozenset({"userTask", "manualTask"})
"""Elements with one clock of their own at most."""


def host_words(policies: Policies, groups: Collection[str] = ()) -> Host:
    """What diagrams may say of time, outcome and people with this register; groups: every name of a candidate role, none
    where they are not known.
    """
    code = Vocabulary("code of the clock register", "时限登记中的代码", frozenset(policies.by_code))
    reason = Vocabulary("reason to stand still for", "可暂停的原因", PAUSE_REASONS.keys())
    sender = Vocabulary("sender of messages", "消息的发送方", SENDERS)
    agreed = Vocabulary("answer", "可用的值", ("yes", "true", "是"))
    truth = Vocabulary("answer", "可用的值", ("true", "false"))
    return Host(
        arguments={"due": code, "warn": code},
        groups=Vocabulary("candidate group of this organisation", "本组织的候选组", frozenset(groups)),
        inputs={
            name: Inputs(
                frozenset(one.name for one in row.inputs),
                frozenset(one.name for one in row.inputs if one.required),
            )
            for name, row in DESCRIBED.items()
        },
        properties={
            keeping.POLICY: Meaning(
                code, several=True, also=frozenset({keeping.NONE}), alone_on=USER_ACTIVITIES
            ),
            keeping.STOP: Meaning(code, several=True),
            keeping.CHOOSE: Meaning(code, several=True),
            keeping.PAUSE: Meaning(reason),
            keeping.PROMISE: Meaning(),
            beginning.LIMIT: Meaning(most=max(MOST.values()), beside=keeping.POLICY),
            beginning.WARN: Meaning(most=Decimal(1)),
            beginning.FROM: Meaning(moment=True, per=code, beside=keeping.POLICY),
            beginning.DUE: Meaning(moment=True, per=code, beside=keeping.POLICY),
            MESSAGE_FROM: Meaning(sender, several=True),
            **dict.fromkeys((MESSAGE_FORM, MESSAGE_CHECK, MESSAGE_UNIQUE), Meaning()),
            outcomes.PROPERTY: Meaning(longest=outcomes.LONGEST),
            outcomes.MARK: Meaning(longest=outcomes.LONGEST),
            court.ASSISTING: Meaning(truth),
            refusing.PROPERTY: Meaning(),
            SEPARATE_FROM: Meaning(of_tasks=True),
            SEPARATE_FROM_ALL: Meaning(agreed),
        },
    )
