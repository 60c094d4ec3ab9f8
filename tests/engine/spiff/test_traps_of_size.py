"""Where stock SpiffWorkflow explodes, freezes or never comes back, and ours stays small and answers.

The library's faults are shown first. What would hang runs in a child of its own with a second of CPU.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import time
from collections.abc import Iterator
from xml.sax.saxutils import escape

import pytest
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.util.task import BpmnTaskIterator

from engine.dialect import SourceFile, compile_files
from engine.spiff import state
from engine.spiff.build import build
from engine.spiff.specs.scopes import MAX_DEPTH
from tests.engine.diagrams import process
from tests.engine.dialect.conftest import diagram
from tests.engine.spiff.memory import InMemory
from tests.engine.spiff.stock import Child, Stock, created


def blocks(count: int, ways: int = 2) -> SourceFile:
    """So many parallel blocks in a row, then a user task."""
    lines, last = ["start s"], "s"
    for block in range(count):
        lines += [f"and f{block}", f"and j{block}", f"{last} -> f{block}"]
        for way in range(ways):
            lines += [f"throw t{block}_{way}", f"f{block} -> t{block}_{way} -> j{block}"]
        last = f"j{block}"
    return process("p", *lines, "user u", "end e", f"{last} -> u -> e")


def rounds(condition: str, *inside: str) -> SourceFile:
    """A loop over what is drawn from `a` to `z`."""
    return process(
        "p",
        "start s",
        "xor m",
        *inside,
        "xor g",
        "end e",
        "s -> m -> a",
        "z -> g",
        f"g -> m : {condition}",
        "default g -> e",
    )


DATA_OBJECT_TWO_LEVELS_DOWN = diagram(
    '<startEvent id="s"/><endEvent id="e"/><dataObject id="d"/><dataObjectReference id="dr" dataObjectRef="d"/>'
    '<subProcess id="x"><startEvent id="xs"/><subProcess id="y"><startEvent id="ys"/><userTask id="u">'
    '<dataInputAssociation id="da"><sourceRef>dr</sourceRef></dataInputAssociation></userTask><endEvent id="ye"/>'
    '<sequenceFlow id="f1" sourceRef="ys" targetRef="u"/><sequenceFlow id="f2" sourceRef="u" targetRef="ye"/></subProcess>'
    '<endEvent id="xe"/><sequenceFlow id="f3" sourceRef="xs" targetRef="y"/>'
    '<sequenceFlow id="f4" sourceRef="y" targetRef="xe"/></subProcess>'
    '<sequenceFlow id="f5" sourceRef="s" targetRef="x"/><sequenceFlow id="f6" sourceRef="x" targetRef="e"/>'
)
PATH = "x' or count(//*[count(//*[count(//*[count(//*)>0])>0])>0])=0 or 'a'='b"
XPATH_IN_A_REFERENCE = diagram(
    '<startEvent id="s"/><endEvent id="e"/><dataObject id="d"/><dataObjectReference id="dr" dataObjectRef="d"/>'
    f'<userTask id="u"><dataInputAssociation id="da"><sourceRef>{escape(PATH)}</sourceRef></dataInputAssociation></userTask>'
    '<sequenceFlow id="f1" sourceRef="s" targetRef="u"/><sequenceFlow id="f2" sourceRef="u" targetRef="e"/>',
    roots="".join(f'<message id="m{number}" name="m{number}"/>' for number in range(400)),
)
CALLS_ITSELF = process("p", "start s", "call c calledElement=p", "end e", "s -> c -> e").content


@pytest.fixture(scope="module")
def children() -> Iterator[dict[str, Child]]:
    """Stock SpiffWorkflow on what it never comes back from, all at once."""
    started = {
        "data object": Child(DATA_OBJECT_TWO_LEVELS_DOWN),
        "xpath": Child(XPATH_IN_A_REFERENCE),
        "calls itself": Child(CALLS_ITSELF),
        "small": Child(blocks(2).content),
    }
    yield started
    for child in started.values():
        child.end()


def test_a_child_that_has_nothing_to_hang_on_comes_back(children: dict[str, Child]) -> None:
    assert children["small"].outcome() == "done"


def test_parallel_blocks_in_a_row_cost_what_they_are(children: dict[str, Child]) -> None:
    predicted = [len(created(blocks(count).content).tasks) for count in (5, 6, 7)]
    assert all(later > 1.9 * earlier for earlier, later in itertools.pairwise(predicted))

    made = {count: InMemory(blocks(count)).instance.run.made for count in (10, 20, 40)}
    # root, start, user task, and per block: the fork, two events, and at the join one arrival per way
    assert made == {count: 3 + 5 * count for count in made}
    assert InMemory(blocks(20, ways=3)).instance.run.made == 3 + 7 * 20


def test_twenty_parallel_blocks_create_an_instance_within_fifty_milliseconds() -> None:
    compiled = compile_files([blocks(20)], operations=())
    spent = []
    for _ in range(5):
        started = time.process_time()
        spec = build(compiled.models[0])
        spent.append(time.process_time() - started)
        assert len(spec.task_specs) > 80
        started = time.process_time()
        run = InMemory(blocks(20))  # compiles it once more on the way
        spent[-1] += time.process_time() - started
        assert run.waiting() == ["u"]
        assert len(state.save(run.instance)) < 300
    assert min(spent) < 0.05


def test_a_long_loop_does_not_freeze(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stock walks its tree 1,000 levels down; here 100, so that it shows in less than its five seconds."""
    automatic = rounds("{}", "throw a", "throw z", "script n | i = i + 1", "a -> n -> z").content.decode()
    bound = inspect.signature(BpmnTaskIterator).parameters["max_depth"]
    assert bound.default == 1_000
    monkeypatch.setattr(
        BpmnTaskIterator, "__init__", functools.partialmethod(BpmnTaskIterator.__init__, max_depth=100)
    )
    stock = Stock(automatic.replace("{}", "i &lt; 40").encode(), i=0)
    # Below that level it sees nothing any more: half-way round it rests, with nothing that anybody could do.
    assert not stock.over
    assert stock.waiting() == []
    assert stock.workflow.last_task.data["i"] < 25
    run = InMemory(SourceFile("p.bpmn", automatic.replace("{}", "i &lt; 3000").encode()), i=0)
    assert run.over
    assert run.instance.store.values["i"] == 3_000


def test_a_loop_of_a_thousand_rounds_stays_small() -> None:
    drawing = rounds("{}", "user a", "throw z", "a -> z").content.decode()
    stock = Stock(drawing.replace("{}", "1 == 1").encode())
    sizes = []
    for _ in range(20):
        stock.complete("a")
        sizes.append(len(stock.workflow.tasks))
    assert sizes[19] - sizes[9] >= 30

    run = InMemory(SourceFile("p.bpmn", drawing.replace("{}", "1 = 1").encode()))
    tokens, steps = set(), set()
    for _ in range(1_000):
        run.complete("a")
        tokens.add(len(state.save(run.instance)) // 16)
        tokens.add(len(run.instance.tasks))
        steps.add((run.instance.run.steps, run.instance.run.made))
    assert len(tokens) <= 4
    assert steps == {(3, 4)}  # z, g and m run and the next task is made: the same in every round


def test_joins_in_a_loop_are_not_searched_for_among_ancestors(monkeypatch: pytest.MonkeyPatch) -> None:
    from SpiffWorkflow.task import Task

    walks = [0]
    walk = Task.is_descendant_of

    def counted(self, other):  # type: ignore[no-untyped-def]
        walks[0] += 1
        return walk(self, other)

    monkeypatch.setattr(Task, "is_descendant_of", counted)
    drawing = rounds(
        "{}", "and a", "user u", "user v", "and z", "a -> u -> z", "a -> v -> z"
    ).content.decode()
    stock = Stock(drawing.replace("{}", "1 == 1").encode())
    per_round = []
    for _ in range(8):
        walks[0] = 0
        stock.complete("u")
        stock.complete("v")
        per_round.append(walks[0])
    assert per_round[-1] > 4 * per_round[0]

    walks[0] = 0
    run = InMemory(SourceFile("p.bpmn", drawing.replace("{}", "1 = 1").encode()))
    for _ in range(300):
        run.complete("u")
        assert run.waiting() == ["v"]
        run.complete("v")
        assert run.waiting() == ["u", "v"]
    assert walks[0] == 0
    assert len(run.instance.tasks) < 10


def test_a_long_chain_needs_no_recursion() -> None:
    def chain(length: int) -> SourceFile:
        names = [f"t{number}" for number in range(length)]
        return process(
            "p", "start s", *[f"throw {name}" for name in names], "end e", " -> ".join(["s", *names, "e"])
        )

    with pytest.raises(ValidationException, match="RecursionError"):
        Stock(chain(500).content)
    assert InMemory(chain(1_900)).over


def test_a_data_object_used_two_levels_down_hangs_nobody(children: dict[str, Child]) -> None:
    assert children["data object"].outcome() == "stopped"
    run = InMemory(SourceFile("p.bpmn", DATA_OBJECT_TWO_LEVELS_DOWN))
    assert run.waiting() == ["u"]
    run.complete("u")
    assert run.over


def test_a_path_in_a_reference_is_only_a_text(children: dict[str, Child]) -> None:
    started = time.process_time()
    compile_files([SourceFile("p.bpmn", XPATH_IN_A_REFERENCE)], operations=())
    in_message = XPATH_IN_A_REFERENCE.replace(
        b'<endEvent id="e"/>',
        b'<endEvent id="e"><messageEventDefinition messageRef="%b"/></endEvent>' % PATH.encode(),
    ).replace(b">0", b"&gt;0")
    refused = compile_files([SourceFile("p.bpmn", in_message)], operations=())
    assert time.process_time() - started < 1
    assert "e" in [finding.element_id for finding in refused.errors]
    assert children["xpath"].outcome() == "stopped"


def test_a_process_that_calls_itself_rests_at_the_call(children: dict[str, Child]) -> None:
    assert children["calls itself"].outcome() == "stopped"
    assert [
        found.element_id
        for found in compile_files([SourceFile("p.bpmn", CALLS_ITSELF)], operations=()).errors
    ] == ["c"]
    decides = process(
        "p",
        "start s",
        "xor g",
        "call c calledElement=p",
        "end e",
        "s -> g",
        "g -> c : n > 0",
        "default g -> e",
        "c -> e",
    )
    run = InMemory(decides, n=1)
    (held,) = run.instance.run.held
    assert (held.kind, held.activity_id) == ("call", "c")
    assert str(MAX_DEPTH) in held.message
    assert len(run.instance.subprocesses) == MAX_DEPTH
