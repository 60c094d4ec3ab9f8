"""Compiles a set of files to process models, or says everything that is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.dialect.archives import with_contents
from engine.dialect.endless import check_rounds
from engine.dialect.files import MOST_ELEMENTS, SourceFile, classify, distinct, is_archive, too_large
from engine.dialect.findings import Finding, Place, Report, in_reading_order, of_decision, of_table
from engine.dialect.host import Host
from engine.dialect.layout.check import check_layout
from engine.dialect.model import Binding, ProcessModel, as_drawn
from engine.dialect.outcome import Seen, seen_in
from engine.dialect.read.bodies import MAX_FLOW_NODES, ProcessReading, read_body
from engine.dialect.read.context import (
    FileContext,
    Reference,
    attribute,
    children,
    lanes_of,
    place_of,
    pools_of,
)
from engine.dialect.read.data.checks import CHECK, check_outputs
from engine.dialect.read.data.forms import read_form, stem
from engine.dialect.read.data.own_names import give_own_names, groups_of
from engine.dialect.read.data.shapes import Shape, known_of
from engine.dialect.read.data.slips import check_columns, check_types
from engine.dialect.read.data.stand_ins import Work, stand_ins
from engine.dialect.read.data.task_names import check_task_names
from engine.dialect.read.data.texts import Read, Reader
from engine.dialect.read.data.too_early import check_order
from engine.dialect.read.data.variables import asked, asked_by, check_reads, written_by
from engine.dialect.read.extensions import check_extensions
from engine.dialect.read.graph.concurrency import check_own_names
from engine.dialect.read.graph.ids import is_drawing, settle_ids
from engine.dialect.read.graph.starts import with_start_form
from engine.dialect.read.nodes.mappings import read_properties
from engine.dialect.read.roots import call_global_tasks, check_roots
from engine.dialect.read.vendors import translate_vendors
from engine.dialect.read.vocabulary import check_vocabulary
from engine.dialect.references import Known, with_what_is_missing
from engine.dialect.safe_xml import Element, local_name, text_of
from engine.dialect.soundness.check import check_soundness
from engine.dialect.soundness.game import Effort as Runs
from engine.dialect.tables.elements import BPMN, CARRIES_DATA, FLOW_NODES, is_feel
from engine.dialect.tables.spiffworkflow import SPIFFWORKFLOW
from engine.expressions.dmn import DecisionModel, imported_files, read_together
from engine.expressions.dmn.verification import Effort, verify

MAX_PROCESSES = 50
GENERATED = "generated/"
"""Where the forms made from fields in diagrams are kept among a deployment's files."""
MAX_FLOWS = 3 * MAX_FLOW_NODES


@dataclass(frozen=True, slots=True)
class Compilation:
    """What came out: one model per executable process, and every finding.

    models are usable only when `findings` holds no error. decisions: decision id → file name. forms: form
    key → parsed JSON; form_files: form key → file name. kinds: file name → bpmn, dmn, form, archive or other.
    imports: decision file name → the decision files it imports, directly or through others. files: what is to be kept:
    the files brought, those in archives, and the forms made from fields that diagrams hold. shapes: what is known of the
    values at a path, such as `form.review.amount`. seen: every process drawn in the
    files, also those that are refused or only drawings.
    """

    models: tuple[ProcessModel, ...] = ()
    decisions: dict[str, str] = field(default_factory=dict)
    forms: dict[str, dict[str, Any]] = field(default_factory=dict)
    form_files: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    imports: dict[str, frozenset[str]] = field(default_factory=dict)
    files: tuple[SourceFile, ...] = ()
    shapes: dict[str, Shape] = field(default_factory=dict)
    seen: tuple[Seen, ...] = ()

    @property
    def errors(self) -> list[Finding]:
        """The findings that refuse the deployment."""
        return [finding for finding in self.findings if finding.severity == "error"]


def compile_files(
    files: Sequence[SourceFile],
    *,
    operations: Collection[str],
    functions: Collection[str] = (),
    host: Host | None = None,
    facts: Collection[str] = (),
    known: Known | None = None,
    effort: Effort | None = None,
) -> Compilation:
    """Compile a deployment. Pure: reads nothing but its arguments and never raises for bad content.

    operations: the names service, send and script tasks may call; functions: the names FEEL may call besides
    its own; host: which words the host understands in properties and functions; facts: what `case` holds besides the answers to a start form; known: what is deployed already,
    for what the files refer to and do not bring along; effort: what the verification of all decision tables may cost.
    """
    work = _Work(frozenset(operations), frozenset(functions), host or Host(), effort or Effort())
    roots: list[tuple[SourceFile, Report, Element]] = []
    decisions: dict[str, bytes] = {}
    for file in distinct(with_contents(files, work.report), work.report):
        report = work.report(file.name)
        work.files.append(file)
        if is_archive(file):
            work.kinds[file.name] = "archive"
            continue
        found = classify(file, report)
        work.kinds[file.name] = found.kind
        work.elements += sum(1 for _ in found.root.iter()) if found.root is not None else 0
        if work.elements > MOST_ELEMENTS:
            too_large(report, file.name, MOST_ELEMENTS, "XML elements", "个 XML 元素")
            return Compilation(findings=work.told(), kinds=work.kinds, files=tuple(work.files))
        if found.kind == "form":
            work.form(file, report)
        elif found.kind == "dmn" and found.text is not None:
            decisions[file.name] = found.text.utf8
        elif found.kind == "bpmn" and found.root is not None:
            roots.append((file, report, found.root))
    work.decision_files(decisions)
    for file, report, root in roots:
        work.diagram(file, report, root)
    models = {key: with_start_form(model, work.has_form(known)) for key, model in work.models.items()}
    groups = groups_of(models, work.forms, work.tables, work.read_in)
    asking = Work(models, work.tables, work.forms.keys(), work.read_in, work.has_form(known), work.report)
    models, made = stand_ins(asking, groups)
    work.keep_made(made)
    for _, group in groups:
        group.fields |= {key: {one["key"] for one in form["components"]} for key, form in made.items()}
    work.models = give_own_names(models, groups, work.report)
    for model in work.models.values():
        check_own_names(work.report(model.file), model.body)
    written = written_by(work.models.values(), work.forms)
    for model in work.models.values():
        work.reads += [
            (work.report(work.decisions[read.place.id]), [read]) for read in asked_by(model, work.tables)
        ]
    shapes = known_of(work.models.values(), work.forms, work.tables, frozenset(facts))
    for report, reads in work.reads:
        check_reads(report, reads, written, shapes)
        for read in reads:
            check_types(report, read, shapes)
    check_order(work.models, work.read_in, work.reports)
    for decision in {
        one.id: one for model in work.models.values() for one in asked(model, work.tables)
    }.values():
        check_columns(work.report(work.decisions[decision.id]), decision, shapes)
    work.models = with_what_is_missing(
        work.models,
        work.references,
        {
            "process": work.models.keys(),
            "decision": work.decisions.keys(),
            CHECK: work.decisions.keys(),
            "form": work.forms.keys(),
        },
        known,
        work.report,
    )
    for model in work.models.values():
        check_soundness(model, work.report(model.file), work.runs)
    check_outputs(work.references, work.tables, work.report)
    check_rounds(work.models, work.report)
    check_task_names(work.models.values(), work.host, work.report)
    return Compilation(
        tuple(work.models.values()),
        work.decisions,
        work.forms,
        work.form_files,
        work.told(),
        work.kinds,
        work.imports,
        tuple(work.files),
        shapes.shapes,
        tuple(work.seen),
    )


class _Work:
    """One compilation under way."""

    def __init__(
        self, operations: frozenset[str], functions: frozenset[str], host: Host, effort: Effort
    ) -> None:
        self.operations = operations
        self.host = host
        self.effort = effort
        self.runs = Runs()
        self.functions = functions
        self.reports: dict[str, Report] = {}
        self.elements = 0
        self.files: list[SourceFile] = []
        self.seen: list[Seen] = []
        self.kinds: dict[str, str] = {}
        self.models: dict[str, ProcessModel] = {}
        self.decisions: dict[str, str] = {}
        self.tables: dict[str, DecisionModel] = {}
        """Decision id → the file's model."""
        self.imports: dict[str, frozenset[str]] = {}
        self.forms: dict[str, dict[str, Any]] = {}
        self.form_files: dict[str, str] = {}
        self.form_keys: dict[str, str] = {}
        self.references: list[Reference] = []
        self.reads: list[tuple[Report, list[Read]]] = []
        self.read_in: dict[str, list[Read]] = {}
        """Process key → what its expressions read."""

    def report(self, name: str) -> Report:
        return self.reports.setdefault(name, Report(name))

    def told(self) -> list[Finding]:
        return in_reading_order(finding for report in self.reports.values() for finding in report.told())

    def form(self, file: SourceFile, report: Report) -> None:
        read = read_form(file.content, file.name, report)
        if read is None:
            return
        key, form = read
        if key in self.forms:
            report.error(
                "duplicate-form",
                Place(id=key),
                f'The form key "{key}" of {file.name} is already used by {self.form_files[key]}; change '
                "one id.",
                f"{file.name} 的表单键“{key}”已被 {self.form_files[key]} 使用；请修改其中一个 id。",
            )
            return
        self.forms[key] = form
        self.form_files[key] = file.name
        self.form_keys[key] = key
        self.form_keys.setdefault(stem(file.name), key)

    def decision_files(self, files: dict[str, bytes]) -> None:
        for name, model in read_together(files, functions=self.functions, said=self.host.said).items():
            self._decisions(name, model, self.report(name))

    def _decisions(self, file: str, model: DecisionModel, report: Report) -> None:
        report.findings += [of_decision(finding) for finding in model.findings]
        if all(finding.severity != "error" for finding in model.findings):
            report.findings += [of_table(finding) for finding in verify(model, effort=self.effort)]
        self.imports[file] = imported_files(model)
        for key in model.decisions:
            if key in self.decisions:
                report.error(
                    "duplicate-decision",
                    Place(id=key),
                    f'The decision "{key}" of {file} is already in {self.decisions[key]}; change one id.',
                    f"{file} 的决策“{key}”已在 {self.decisions[key]} 中；请修改其中一个 id。",
                )
            else:
                self.decisions[key] = file
                self.tables[key] = model

    def diagram(self, file: SourceFile, report: Report, root: Element) -> None:
        context = FileContext(
            file.name, report, Reader(report, self.functions, self.host), self.operations, self.form_keys
        )
        context.reader.python = SPIFFWORKFLOW in root.nsmap.values()
        context.language = "feel" if is_feel(root.get("expressionLanguage") or "XPath") else ""
        call_global_tasks(root, report)
        flows = sum(1 for _ in root.iter(f"{{{BPMN}}}sequenceFlow"))
        if flows > MAX_FLOWS:
            report.error(
                "too-many-flows",
                place_of(root),
                f"The diagram has {flows} sequence flows; the limit is {MAX_FLOWS}. Turn parts into call activities.",
                f"流程图有 {flows} 条顺序流，上限为 {MAX_FLOWS} 条；请把部分改为调用活动。",
            )
            return
        check_layout(root, report)
        ids = settle_ids(root, report)
        check_vocabulary(root, report)
        for element in root:
            if element.get("id"):
                context.definitions.setdefault(element.get("id"), element)
        translate_vendors(root)
        context.data = {e.get("id"): e for e in root.iter(*CARRIES_DATA) if e.get("id")}
        processes = list(children(root, "process"))
        check_roots(root, report)
        if len(processes) > MAX_PROCESSES:
            report.error(
                "too-many-processes",
                place_of(root),
                f"The diagram has {len(processes)} processes; the limit is {MAX_PROCESSES}.",
                f"流程图有 {len(processes)} 个流程，上限为 {MAX_PROCESSES} 个。",
            )
            return
        self.seen += [seen_in(file.name, element) for element in processes]
        drawn = frozenset(e.get("id", "") for e in root.iter() if local_name(e) in FLOW_NODES) - {""}
        reading = ProcessReading(context, drawn, ids.skipped)
        pools = pools_of(root)
        for element in processes:
            self._process(reading, element, pools.get(element.get("id", ""), ""))
        for element in root:
            if local_name(element) in ("message", "signal", "error", "escalation"):
                check_extensions(context, element)
        self.keep_made(context.generated)
        context.report_vendors()
        self.references.extend(context.references)
        self.reads.append((report, context.reader.reads))

    def _process(self, reading: ProcessReading, element: Element, pool: str) -> None:
        context, place = reading.context, place_of(element)
        executable = element.get("isExecutable", "").strip()
        if is_drawing(element):
            context.report.warning(
                "not-executable",
                place,
                f"{place:en} is not executable, so it is kept as a drawing only; set isExecutable to run it.",
                f"{place:zh}不可执行，仅作为图保存；如需运行请设置 isExecutable。",
            )
            return
        if not executable and not any(local_name(e) in FLOW_NODES for e in element):
            context.report.warning(
                "not-executable",
                place,
                f"{place:en} is empty and not marked executable, so it is kept as a drawing only.",
                f"{place:zh}是空的，也没有标记为可执行，仅作为图保存。",
            )
            return
        if not executable:
            context.report.note(
                "executable-assumed",
                place,
                f"{place:en} does not say whether it is executable; it is taken as executable.",
                f"{place:zh}没有说明是否可执行；按可执行处理。",
            )
        usable = element not in reading.skipped
        if not place.id:
            context.report.error(
                "missing-id",
                place,
                f"{place:en} on line {place.line} has no id, so nobody can start it; give it one.",
                f"第 {place.line} 行的{place:zh}没有 id，无法被启动；请设置 id。",
            )
        elif usable and place.id in self.models:
            context.report.error(
                "duplicate-process",
                place,
                f"{place:en} is already defined in {self.models[place.id].file}; change one id.",
                f"{place:zh}已在 {self.models[place.id].file} 中定义；请修改其中一个 id。",
            )
            usable = False
        context.begin_process(place.id)
        before, returned = len(context.reader.reads), len(context.reader.returned)
        reading.lanes = dict(lanes_of(element))
        body = read_body(reading, element, inner=False)
        check_extensions(context, element)
        if reading.node_count > MAX_FLOW_NODES:
            context.report.error(
                "too-many-nodes",
                place,
                f"{context.file} has more than {MAX_FLOW_NODES} flow nodes; turn parts into call activities.",
                f"{context.file} 的流程节点超过 {MAX_FLOW_NODES} 个；请把部分改为调用活动。",
            )
        if usable:
            self.read_in[place.id] = context.reader.reads[before:] + context.reader.returned[returned:]
            self.models[place.id] = ProcessModel(
                key=place.id,
                name=place.name or pool or place.id,
                file=context.file,
                body=body,
                version_tag=context.reader.literal(
                    attribute(element, "versionTag"), place, ("version tag", "版本标签")
                ),
                documentation="\n\n".join(text_of(text) for text in children(element, "documentation")),
                properties=read_properties(context, element, place),
                needs=as_drawn(context.needs),
            )

    def keep_made(self, forms: Mapping[str, dict[str, Any]]) -> None:
        """Keep forms that were made here beside the files that were brought."""
        for key, form in forms.items():
            made = SourceFile(f"{GENERATED}{key}.form", json.dumps(form, ensure_ascii=False).encode())
            self.form(made, self.report(made.name))
            self.kinds[made.name] = "form"
            self.files.append(made)

    def has_form(self, known: Known | None) -> Callable[[str], bool]:
        """Return what tells whether a form is in this deployment or deployed already."""
        return lambda key: key in self.forms or bool(known and known.has_form(key, Binding()))
