"""One action on one instance: restore it, run it to rest, write everything down, speak upward once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from engine import jobs, journal, rearming
from engine.actor import Actor
from engine.catalog import Catalog
from engine.clock import Clock, OneInstant
from engine.dialect.model import Call, DecisionCall
from engine.errors import NeedsBinding
from engine.evaluation import FeelEvaluator
from engine.ids import NewId
from engine.instance import ACTIVE, Locked
from engine.ports import Asked, Facts, InstanceRef, Listener, Move, Over, Passage, TakenOver, UserActivity
from engine.spiff import passages, state
from engine.spiff.run import ActivityFailed, Began, Run
from engine.spiff.task import Token
from engine.spiff.warned import Tell
from engine.spiff.workflow import Instance

T = TypeVar("T")


class Acting:
    """What every verb shares: how an instance comes to memory and how it gets back."""

    def __init__(
        self,
        *,
        clock: Clock,
        catalog: Catalog,
        evaluator: FeelEvaluator,
        facts: Facts,
        listener: Listener,
        new_id: NewId,
    ) -> None:
        self.clock = clock
        self.catalog = catalog
        self.evaluator = evaluator
        self.facts = facts
        self.listener = listener
        self.new_id = new_id

    def run(self, session: Session, row: Locked) -> Run:
        """Return what an action on an instance works with: everything in it happens at one instant."""
        ref, clock = row.ref(), OneInstant(self.clock)
        limits = lazily(lambda: self.facts.limits(session, ref))
        evaluator = self.evaluator.acting(clock, lambda token: asked(ref, token, limits))
        return Run(
            evaluator=evaluator,
            outside=lazily(
                lambda: {
                    "case": self.facts.facts(session, ref),
                    "clock": {"now": clock.now().isoformat()},
                }
            ),
            decide=lambda definition, call, view, tell: self._decide(
                session, evaluator, definition, call, view, tell
            ),
            callee=lambda definition, call: self._callee(session, definition, call),
            new_id=self.new_id,
            now=clock.now,
        )

    def _decide(
        self,
        session: Session,
        evaluator: FeelEvaluator,
        definition: str,
        call: DecisionCall,
        view: Mapping[str, Any],
        tell: Tell,
    ) -> tuple[Any, Mapping[str, Any]]:
        model, resource_id = self.catalog.decisions(session, UUID(definition), call)
        return evaluator.decide(model, call, view, str(resource_id), tell)

    def _callee(self, session: Session, definition: str, call: Call) -> tuple[str, Any]:
        callee = self.catalog.callee(session, UUID(definition), call)
        try:
            return str(callee), self.catalog.spec(session, callee)
        except NeedsBinding as refusal:
            raise ActivityFailed("call", str(refusal), str(refusal.facts["message_zh"])) from refusal

    def restore(self, session: Session, row: Locked) -> Instance:
        return state.restore(
            row.state, lambda definition: self.catalog.spec(session, UUID(definition)), self.run(session, row)
        )

    def settle(
        self,
        session: Session,
        row: Locked,
        instance: Instance,
        actor: Actor,
        lines: list[dict[str, Any]] | None = None,
        *,
        end_reason: str | None = None,
    ) -> Move:
        """Run to rest, save once, defer what has to be worked on, speak upward once."""
        instance.run_to_rest()
        return self.settled(session, row, instance, actor, lines, end_reason=end_reason)

    def settled(
        self,
        session: Session,
        row: Locked,
        instance: Instance,
        actor: Actor,
        lines: list[dict[str, Any]] | None = None,
        *,
        end_reason: str | None = None,
        taken_over: tuple[TakenOver, ...] = (),
    ) -> Move:
        """The same of an instance that rests already. taken_over: the user activities another version has now."""
        run, now = instance.run, instance.run.now()
        if instance.completed:
            passages.process_over(instance, done=row.status == ACTIVE)
        waits = journal.save(session, row, instance, lines or [], actor=actor, at=now, end_reason=end_reason)
        self._defer(session, row, run, letter_waits=waits)
        move = Move(
            instance=row.ref(),
            entered=self._entered(session, row, instance),
            completed=tuple(token for token, done in run.left if done),
            cancelled=tuple(token for token, done in run.left if not done),
            began=tuple(self._passage(row, began) for began in run.began),
            over=self._over(row, instance),
            ended=instance.completed,
            at=now,
            actor=actor,
            taken_over=taken_over,
        )
        if self.listener.instance_moved(session, move) and rearming.bound_timers(instance):
            rearming.look_again(self, session, row, actor=actor)
        return move

    def _entered(self, session: Session, row: Locked, instance: Instance) -> tuple[UserActivity, ...]:
        left = {token for token, _ in instance.run.left}
        return tuple(
            self.user_activity(session, row, token, attributes)
            for token, attributes in instance.run.entered
            if token.id not in left
        )

    def keep(self, session: Session, row: Locked, instance: Instance, actor: Actor) -> Move:
        """Save what was changed at an instance that is not run on; nobody above is told."""
        now = instance.run.now()
        journal.save(session, row, instance, [], actor=actor, at=now)
        return Move(instance=row.ref(), at=now, actor=actor)

    def _passage(self, row: Locked, began: Began) -> Passage:
        token, scope = began.token, began.token.workflow
        spec = token.task_spec
        if token is scope.task_tree:
            ref = row.ref()
            return Passage(
                ref.id,
                ref.process_key,
                scope.spec.process_name,
                "process",
                ref.process_key,
                properties=began.properties,
                variables=dict(scope.store.values),
            )
        return Passage(
            token.id,
            spec.bpmn_id,
            spec.bpmn_name,
            spec.bpmn_type,
            scope.spec.process_key,
            lane_of(token).lane,
            (*began.inside, row.id),
            began.properties,
            seen_by(token),
            began.timer,
        )

    def _over(self, row: Locked, instance: Instance) -> tuple[Over, ...]:
        """Return what is over; a user activity that came and went within the action was never there."""
        unseen = {token.id for token, _ in instance.run.entered}
        root = instance.task_tree.id
        return tuple(
            Over(row.id if one.token.id == root else one.token.id, one.done, one.drawn, seen_by(one.token))
            for one in instance.run.over
            if one.token.id not in unseen
        )

    def user_activity(
        self, session: Session, row: Locked, token: Any, attributes: Mapping[str, Any]
    ) -> UserActivity:
        """Return what the rooms above are told of a user activity. attributes: from `UserSpec.attributes`."""
        spec = token.task_spec
        form = spec.node.user.form if spec.node.user is not None else None
        standing = lane_of(token)
        return UserActivity(
            id=token.id,
            activity_id=spec.bpmn_id,
            name=spec.bpmn_name,
            scope=token.workflow.spec.process_key,
            lane=standing.lane,
            lane_id=standing.lane_id,
            assignee=attributes.get("assignee"),
            candidate_users=attributes.get("candidate_users", ()),
            candidate_groups=attributes.get("candidate_groups", ()),
            form=form,
            form_id=self.catalog.form_id(
                session, UUID(token.workflow.definition), form, spec.node.user.form_binding
            )
            if form
            else None,
            priority=attributes.get("priority", 50),
            due_at=attributes.get("due_date"),
            follow_up_at=attributes.get("follow_up_date"),
            inside=(*attributes["inside"], row.id),
            properties=attributes["properties"],
            variables={
                **token.workflow.store.values,
                **token.workflow.local,
                **(spec.item_locals(token) if spec.wrapper else {}),
                **attributes["inputs"],
            },
        )

    def _defer(self, session: Session, row: Locked, run: Run, *, letter_waits: bool) -> None:
        for token in run.work:
            jobs.defer_work(session, row.id, token.id)
        for item in run.thrown:
            if item.kind == "signal":
                jobs.defer_announcement(session, item.token)
        if letter_waits or any(item.kind == "message" for item in run.thrown):
            jobs.defer_delivery(session, row.business_key)


def lane_of(token: Any) -> Any:
    """Return the node whose lane a token stands in: its own, or the nearest caller's where its process has no lanes."""
    at = token
    while at is not None and not at.task_spec.node.lane:
        at = at.workflow.parent_token()
    return (token if at is None else at).task_spec.node


def seen_by(token: Token) -> dict[str, Any]:
    """Return what a token sees of its scope: its variables, and its item where the activity is repeated."""
    scope = token.workflow
    return {**scope.store.values, **scope.locals_of(token)}


def asked(ref: InstanceRef, token: Token, limits: Callable[[], Any]) -> Asked:
    """Return what a function of the host learns of the token that asks it."""
    since = token.internal_data.get("since")
    return Asked(
        ref,
        (token.id, *passages.inside(token), ref.id),
        None if since is None else datetime.fromisoformat(since),
        limits,
    )


def lazily(read: Callable[[], T]) -> Callable[[], T]:
    """Return a function that reads once, when it is first asked."""
    kept: list[T] = []

    def ask() -> T:
        if not kept:
            kept.append(read())
        return kept[0]

    return ask


def active_names(instance: Instance) -> list[str]:
    """Return the ids of the activities an instance is at."""
    return sorted(
        {
            token.task_spec.bpmn_id
            for scope in instance.scopes()
            for token in scope.live_tokens()
            if token.task_spec.is_activity
        }
    )
