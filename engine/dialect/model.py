"""The compiled form of a process: plain, checked data, stored as JSON once per version.

`engine.dialect` writes it, `engine.spiff` builds runnable specs from it. Expressions are FEEL text without
the leading "=". Nothing in here is trusted to be small or kind, but all of it has been checked: every
reference resolves, every expression compiles, every id is unique within its process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Value:
    """An attribute that authors may write literally or as an expression; exactly one of the two is set."""

    literal: str | None = None
    feel: str | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """`target` (a dotted path) gets the value of `value`."""

    target: str
    value: Value


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow; `condition` is FEEL, or None."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """What an event throws or catches.

    kind: none, timer, message, escalation, error, signal, conditional, link, cancel or terminate.
    name: the message, escalation, error, signal or link name (for errors and escalations `code` is what matches; a
    catching one without a code catches every code).
    timer_kind: date, duration or cycle; `timer` is its value.
    payload: what a thrown message or signal carries (assignments evaluated when it is thrown).
    condition: the FEEL of a conditional event.
    code_variable, message_variable: where the code and text of a caught error or escalation go, or empty.
    everything: a terminate end event ends the whole instance, not only its own scope.
    """

    kind: str = "none"
    name: str = ""
    code: str = ""
    timer_kind: str = ""
    timer: Value | None = None
    payload: tuple[Assignment, ...] = ()
    condition: str | None = None
    code_variable: str = ""
    message_variable: str = ""
    everything: bool = False


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """Repeat an activity for each item of `collection` (FEEL), or `cardinality` (FEEL) times.

    index_variable: a second name for `loopCounter`, counted from 0. output_collection: the path of a list that gets, for
    each item, the value of `output_element` (FEEL, over what the item wrote and what only it sees).
    """

    sequential: bool = False
    collection: str | None = None
    element_variable: str | None = None
    cardinality: str | None = None
    completion: str | None = None
    index_variable: str | None = None
    output_collection: str | None = None
    output_element: str | None = None


@dataclass(frozen=True, slots=True)
class StandardLoop:
    """Repeat an activity while `condition` (FEEL; None: always) holds, at most `maximum` times (BPMN 2.0 §13.3.6).

    test_before: the condition is asked before each round instead of after it. It sees `loopCounter`, the rounds done.
    """

    condition: str | None = None
    test_before: bool = False
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """Which version a callee, decision or form is taken from: deployment, latest, version or versionTag."""

    kind: str = "deployment"
    value: str = ""


@dataclass(frozen=True, slots=True)
class UserTaskSettings:
    """Who may do a user task and with which form: the key of a form resource, bound by `form_binding`.

    A start event carries one too, with nothing but the form set.
    """

    assignee: Value | None = None
    candidate_users: Value | None = None
    candidate_groups: Value | None = None
    form: str | None = None
    priority: Value | None = None
    due_date: Value | None = None
    follow_up_date: Value | None = None
    form_binding: Binding = Binding()


@dataclass(frozen=True, slots=True)
class DecisionCall:
    """A business rule task: the decision's id, how it is bound, where the result goes (a dotted path).

    shape: how the result is wrapped, by Camunda 7's names: singleEntry, singleResult, collectEntries or resultList; empty:
    as the decision gives it.
    """

    decision: str
    binding: Binding = Binding()
    result: str = ""
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call activity: the called process key and how data goes in and out.

    When both are empty everything passes, both ways, unless the callee stands `apart`; as soon as one is not, only what is
    written passes. The target "*" stands for every variable.
    """

    process: str
    binding: Binding = Binding()
    inputs: tuple[Assignment, ...] = ()
    outputs: tuple[Assignment, ...] = ()
    apart: bool = False

    @property
    def shares(self) -> bool:
        """Whether the callee works on its caller's variables."""
        return not (self.inputs or self.outputs or self.apart)


NeedKind = Literal["operation", "listener", "process", "decision"]

NOTHING = "nothing"
"""What an operation or a listener may be bound to besides operations: its token passes and nothing is called."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something a diagram asks for that only this installation can name: the definition cannot start before it is bound.

    element: the id of the element that asks. kind: operation (what a task does), listener (code called at `event`),
    process (a callee) or decision. asked: what the author wrote, such as "class org.example.Check"; empty when nothing.
    event: for a listener, when it is called: start, end, take, create, assignment, complete, update, delete, timeout;
    "mapping" for code that computes what a call passes.
    number: which of several at the same element and event, from 0. name and line: of the element, for people.
    """

    element: str
    kind: NeedKind
    asked: str = ""
    event: str = ""
    number: int = 0
    name: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    @property
    def key(self) -> str:
        """How a binding names it: the element's id; for a listener "id#event", from the second on "id#event.1"."""
        if self.kind != "listener":
            return self.element
        return f"{self.element}#{self.event}" + (f".{self.number}" if self.number else "")


def as_drawn(needs: Iterable[Need]) -> tuple[Need, ...]:
    """Return needs in the order of their diagram, as the owner reads it: an element's own before its listeners."""
    return tuple(sorted(needs, key=lambda one: one.line))


@dataclass(frozen=True, slots=True)
class Body:
    """The inside of a process or an embedded sub-process."""

    nodes: tuple[Node, ...] = ()
    flows: tuple[Flow, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """One flow node. `kind` is the BPMN element's local name, such as userTask or boundaryEvent; `eventSubProcess` for a
    sub-process that its own start event triggers (BPMN 2.0 §10.3.5).

    A send or receive task that names a message carries it in `event`. Nodes the compiler adds (an implicit
    split made explicit) have an id no author's id can have: see `is_generated`. `serves` is set on a generated node
    of the kind "listener": the id of the element whose moment it runs at.
    """

    id: str
    kind: str
    name: str = ""
    lane: str = ""
    lane_id: str = ""
    documentation: str = ""
    line: int = 0
    event: EventDefinition | None = None
    attached_to: str | None = None
    interrupting: bool = True
    """Of a boundary event, and of the start event of an event sub-process."""
    default_flow: str | None = None
    loop: MultiInstance | None = None
    again: StandardLoop | None = None
    user: UserTaskSettings | None = None
    operation: str | None = None
    serves: str = ""
    script: tuple[Assignment, ...] = ()
    decision: DecisionCall | None = None
    call: Call | None = None
    body: Body | None = None
    inputs: tuple[Assignment, ...] = ()
    outputs: tuple[Assignment, ...] = ()
    properties: dict[str, str] = field(default_factory=dict)
    result: str = ""
    """Where the result of an operation goes (a dotted path), as the author has it."""
    spread: tuple[str, ...] = ()
    """Which entries of what the node learns (answers, a result, what a message carries) are variables of their own names
    too, as in the diagram's engine; EVERY_ENTRY for all of them."""
    initiator: str = ""
    """Of a start event: the variable that gets the login of whoever starts."""


def entered_at(body: Body) -> tuple[str, ...]:
    """Return where a sub-process begins when a token enters it (BPMN 2.0 §13.3.4).

    At its start events, or, without any, at every node nothing leads to.
    """
    starts = tuple(node.id for node in body.nodes if node.kind == "startEvent")
    if starts:
        return starts
    led_to = {flow.target for flow in body.flows}
    return tuple(
        node.id
        for node in body.nodes
        if node.id not in led_to and node.kind not in ("boundaryEvent", EVENT_SUB_PROCESS)
    )


HOMES = frozenset({"case", "clock", "form", "decision", "result", "loop", "message", "signal"})
"""Root names that belong to the engine: nothing else may be kept under them."""


EVERY_ENTRY = ("*",)
"""In the place of names: all of them."""

EVENT_SUB_PROCESS = "eventSubProcess"
"""The kind of a node that is drawn as a sub-process triggered by an event."""


WATCHED = ("sla.", "ball.", "case.outcome", "case.mark")
"""How the names of the properties begin for whose sake the rooms above are told when a token is at an element."""


FORM_CHECK, START_CHECK = "form.check", "form.start.check"
"""Properties of a user task and of a process: the decision that checks what is sent with their form."""

MESSAGE_FORM, MESSAGE_FROM = "message.form", "message.from"
"""Properties of what waits for a message: the form that what it carries has to pass, and who may send it."""

MESSAGE_CHECK, MESSAGE_UNIQUE = "message.check", "message.unique"
"""More of them: the decision that checks what the message carries, and the fields of it that name one paper, taken once."""


def start_of(body: Body) -> Node:
    """Return the one start event of an event sub-process; the compiler has checked that there is one."""
    return next(node for node in body.nodes if node.kind == "startEvent")


def own_entries(node: Node, learnt: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries of what a node has learnt that are variables of their own names too. Where all of them are, the
    engine's own names stay the engine's.
    """
    if node.spread != EVERY_ENTRY:
        return {name: learnt[name] for name in node.spread if name in learnt}
    return {key: value for key, value in learnt.items() if key not in HOMES and not key.startswith("__")}


def is_generated(identity: str) -> bool:
    """Tell whether an id of a node or flow was made by the compiler and is in no diagram."""
    return ":" in identity or ">" in identity


@dataclass(frozen=True, slots=True)
class ProcessModel:
    """A compiled process. `key` is the BPMN process id; `file` the file it came from; `needs` what must be bound."""

    key: str
    name: str
    file: str
    body: Body
    version_tag: str = ""
    documentation: str = ""
    executable: bool = True
    properties: dict[str, str] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """Return the model as JSON-ready data."""
        return asdict(self)

    @classmethod
    def from_plain(cls, data: dict[str, Any]) -> ProcessModel:
        """Rebuild a model from `to_plain` output."""
        needs = tuple(Need(**item) for item in data.get("needs", ()))
        return cls(**{**data, "body": _body(data["body"]), "needs": needs})


def _value(data: dict[str, Any] | None) -> Value | None:
    return None if data is None else Value(**data)


def _user(data: dict[str, Any]) -> UserTaskSettings:
    fields: dict[str, Any] = {
        name: _value(item) for name, item in data.items() if not name.startswith(("form", "spread"))
    }
    return UserTaskSettings(form=data["form"], form_binding=Binding(**data["form_binding"]), **fields)


def _assignments(items: list[dict[str, Any]]) -> tuple[Assignment, ...]:
    return tuple(Assignment(item["target"], Value(**item["value"])) for item in items)


def _body(data: dict[str, Any]) -> Body:
    return Body(tuple(_node(n) for n in data["nodes"]), tuple(Flow(**f) for f in data["flows"]))


def _node(data: dict[str, Any]) -> Node:
    event, loop, user = data["event"], data["loop"], data["user"]
    again = data.get("again")
    # Versions stored before a node said it have it with their user tasks.
    spread = data.get("spread") or (EVERY_ENTRY if user and user.get("spread") else ())
    decision, call, body = data["decision"], data["call"], data["body"]
    return Node(
        **{
            **data,
            "event": event
            and EventDefinition(
                **{**event, "timer": _value(event["timer"]), "payload": _assignments(event["payload"])}
            ),
            "loop": loop and MultiInstance(**loop),
            "again": again and StandardLoop(**again),
            "user": user and _user(user),
            "script": _assignments(data["script"]),
            "decision": decision and DecisionCall(**{**decision, "binding": Binding(**decision["binding"])}),
            "call": call
            and Call(
                **{
                    **call,
                    "binding": Binding(**call["binding"]),
                    "inputs": _assignments(call["inputs"]),
                    "outputs": _assignments(call["outputs"]),
                }
            ),
            "body": body and _body(body),
            "inputs": _assignments(data["inputs"]),
            "outputs": _assignments(data["outputs"]),
            "spread": tuple(spread),
        }
    )
