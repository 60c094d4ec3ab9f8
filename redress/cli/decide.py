"""decide: one decision of a file, and why it came out as it did."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from engine.clock import SystemClock
from engine.expressions.dmn.model import Decision, DecisionModel, Element, Input, Knowledge, Service
from redress.cli.data import Instant, JsonFile, as_feel, as_json, listed, names_in
from redress.cli.sentences import refused, show_warnings

MISSES = 5
"""Rules that did not fire, told of each table: those that came closest."""

_file = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("file", metavar="FILE.dmn", type=_file)
@click.argument("decision", required=False)
@click.option(
    "--input", "given", type=JsonFile(), default=dict, help="JSON file with the inputs, - for stdin. 输入"
)
@click.option(
    "--set",
    "settings",
    nargs=2,
    multiple=True,
    metavar="NAME FEEL",
    help="An input as FEEL, such as a date; repeatable. 以 FEEL 赋值",
)
@click.option(
    "--import", "imports", type=_file, multiple=True, help="A file FILE.dmn imports; repeatable. 被导入文件"
)
@click.option(
    "--explain", is_flag=True, help="Tell decision by decision which rules fired, and why. 说明理由"
)
@click.option("--json", "as_data", is_flag=True, help="Value, warnings and explanation as one JSON object.")
@click.option(
    "--now", type=Instant(), help="The instant that now() and today() tell; default: the clock. 当前时间"
)
@click.option("--feel", "in_feel", is_flag=True, help="Print FEEL text instead of JSON. 以 FEEL 文本输出")
def decide(
    file: Path,
    decision: str | None,
    given: dict[str, Any],
    settings: tuple[tuple[str, str], ...],
    imports: tuple[Path, ...],
    explain: bool,
    as_data: bool,
    now: datetime | None,
    in_feel: bool,
) -> None:
    """Decide DECISION (id or name) of FILE.dmn and print its value as JSON. 试算决策

    DECISION may also be a decision service or a business knowledge model, and may be left out when the file has one
    decision. Its tables may ask due("R01.audit") and warn(…): by the register and calendar of this installation, else by those
    that are shipped, from --now on. Warnings go to standard error. Exits with 1 when the file has mistakes, or the decision is refused.
    """
    from engine.expressions.dmn.evaluation.explain import explained
    from engine.expressions.feel import ExpressionError, Scope, compile_expression
    from redress.cli.explaining import show_explanation
    from redress.cli.limits import limit_functions

    clock = SystemClock().now if now is None else lambda: now
    contents = _contents(file, imports)
    texts = [one.decode("utf-8", "replace") for one in contents.values()]
    functions = limit_functions([*texts, *(text for _, text in settings)], clock())
    model = _read(file, contents, functions)
    asked = _asked(model, decision)
    for name, text in settings:
        try:
            found = compile_expression(text, names=names_in(given), functions=functions).evaluate(
                Scope(given, now=clock, functions=functions)
            )
        except ExpressionError as error:
            raise refused(error, text) from error
        show_warnings(found.warnings, given, text)
        given = {**given, name: found.value}
    try:
        outcome = model.evaluate(asked.id, given, now=clock, functions=functions, explain=explain)
    except ExpressionError as error:
        raise refused(error) from error
    if as_data:
        told = {
            "decision": outcome.decision_id,
            "value": outcome.value,
            "warnings": [_warning(one) for one in outcome.warnings],
        }
        if explain:
            told["steps"] = explained(outcome, show=lambda value: value)
            told["skipped"] = outcome.skipped
        click.echo(as_json(told))
        return
    show_warnings(outcome.warnings, given)
    if explain:
        show_explanation(explained(outcome, misses=MISSES, show=as_feel), outcome.skipped)
    click.echo(as_feel(outcome.value) if in_feel else as_json(outcome.value))


def _contents(file: Path, imports: tuple[Path, ...]) -> dict[str, bytes]:
    try:
        return {str(path): path.read_bytes() for path in dict.fromkeys((file, *imports))}
    except OSError as error:
        raise click.UsageError(
            f"{error.filename} cannot be read: {error.strerror}. 无法读取该文件。"
        ) from error


def _read(file: Path, contents: Mapping[str, bytes], functions: Collection[str]) -> DecisionModel:
    """The model of a file; what is wrong with it and with what it imports is shown. Refuses errors."""
    from rich.console import Console

    from engine.expressions.dmn.reading.files import read_together
    from redress.cli.findings import show_findings

    models = read_together(contents, functions=functions)
    findings = [finding for model in models.values() for finding in model.findings]
    show_findings(Console(stderr=True), findings)
    errors = sum(finding.severity == "error" for finding in findings)
    if errors:
        raise click.ClickException(
            f"{file} has {errors} mistake(s); nothing was decided. 文件有错误，未作决策。"
        )
    return models[str(file)]


def _asked(model: DecisionModel, wanted: str | None) -> Element:
    """What is asked for: by id, or else by name; without either the only decision."""
    from engine.expressions.feel.chinese import of_hint
    from engine.expressions.feel.errors import did_you_mean

    known = [one for one in model.elements.values() if not isinstance(one, Input)]
    if wanted is None:
        decisions = [one for one in known if isinstance(one, Decision)]
        if len(decisions) == 1:
            return decisions[0]
        raise click.UsageError("Say which to decide 请指明决策:\n" + _offer(model, known))
    plain = " ".join(wanted.split())
    found = [one for one in known if one.id == wanted] or [one for one in known if one.name == plain]
    if found:
        return found[0]
    hint = did_you_mean(wanted, [name for one in known for name in (one.id, one.name)])
    raise click.ClickException(
        f'There is no decision "{wanted}" in {model.file}. {hint}'.rstrip()
        + f"\n文件中没有决策“{wanted}”。{of_hint(hint)}\n"
        + _offer(model, known)
    )


def _offer(model: DecisionModel, known: Sequence[Element]) -> str:
    """What a file can be asked, each with what it needs to be told."""
    kinds = {Decision: "decision", Service: "decision service", Knowledge: "business knowledge model"}
    lines = []
    for one in known:
        needs = listed(needed_inputs(model, one))
        name = one.id if one.id == one.name else f"{one.id} ({one.name})"
        lines.append(f"  {name}, {kinds[type(one)]}" + (f": {needs}" if needs else ""))
    return "\n".join(lines)


def needed_inputs(model: DecisionModel, element: Element) -> list[str]:
    """The names of what must be given for an element, with their types, in the order in which they are met."""
    found: dict[str, None] = {}
    seen: set[int] = set()
    pending: list[tuple[DecisionModel, Element]] = [(model, element)]
    while pending:
        owner, one = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Input):
            found[one.name if one.type.kind == "any" else f"{one.name} ({one.type})"] = None
            continue
        if isinstance(one, Decision):
            found.update(dict.fromkeys(sorted(one.paths)))
        needs = (*one.inputs, *one.input_decisions) if isinstance(one, Service) else one.requires
        resolved = [place for reference in needs if (place := owner.resolve(reference)) is not None]
        if isinstance(one, Service):
            found.update(dict.fromkeys(inner.name for _, inner in resolved))
        else:
            pending.extend(reversed(resolved))
    return list(found)


def _warning(warning: Any) -> dict[str, Any]:
    place = warning.place
    return {
        "code": warning.code,
        "message": warning.message,
        "message_zh": warning.message_zh,
        "position": warning.position,
        "place": place and {"element": place.element, "row": place.row, "column": place.column},
    }
