"""What stands beside the processes of a file: global tasks, imports, pools, and diagrams that only show something."""

from __future__ import annotations

from lxml import etree

from engine.dialect.findings import Report
from engine.dialect.read.context import children, place_of
from engine.dialect.safe_xml import Element, local_name, namespace
from engine.dialect.tables.elements import BPMN

_GLOBAL_TASKS = {
    "globalTask": "task",
    "globalUserTask": "userTask",
    "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
}
"""Global task → the task it is (BPMN 2.0 §10.3.7)."""

_SHOW_ONLY = frozenset({"collaboration", "choreography", "conversation", "globalConversation"})
_RUN_HERE = ("/BPMN/", "/DMN/")


def call_global_tasks(root: Element, report: Report) -> None:
    """Read each global task that a call activity of the file calls as a process of this one task.

    Changes the private copy. A global task nobody calls stays what it is: kept, without effect.
    """
    called = {
        (call.get("calledElement") or "").strip().rpartition(":")[2]
        for call in root.iter(f"{{{BPMN}}}callActivity")
    }
    known = {element.get("id") for element in root.iter() if element.get("id")}
    for element in list(root):
        kind = _GLOBAL_TASKS.get(local_name(element)) if namespace(element) == BPMN else None
        identity = (element.get("id") or "").strip()
        if kind is None or not identity or identity not in called:
            continue
        place = place_of(element)
        task = f"{identity}_task"
        while task in known:
            task += "_"
        report.note(
            "global-task-called",
            place,
            f"{place:en} is called as a process of one task, {task}.",
            f"{place:zh}作为只有一个任务（{task}）的流程被调用。",
        )
        _as_process(element, kind, identity, task)
        root.append(element)  # behind the processes that call it, which are what the file is about


def _as_process(element: Element, kind: str, identity: str, task: str) -> None:
    """Turn a global task into a process start → task → end; its attributes and children become the task's."""
    attributes, inside = dict(element.attrib), list(element)
    language = attributes.pop("scriptLanguage", None)
    if language is not None:
        attributes["scriptFormat"] = language
    element.attrib.clear()
    element.tag = f"{{{BPMN}}}process"
    element.attrib.update({"id": identity, "name": attributes.get("name", identity), "isExecutable": "true"})
    etree.SubElement(element, f"{{{BPMN}}}startEvent", id=f"{task}_start")
    held = etree.SubElement(element, f"{{{BPMN}}}{kind}", {**attributes, "id": task})
    held.extend(inside)
    etree.SubElement(element, f"{{{BPMN}}}endEvent", id=f"{task}_end")
    for source, target in ((f"{task}_start", task), (task, f"{task}_end")):
        etree.SubElement(
            element, f"{{{BPMN}}}sequenceFlow", id=f"{source}_flow", sourceRef=source, targetRef=target
        )


def check_roots(root: Element, report: Report) -> None:
    """Report what beside the processes has no effect here, and a file that has no process at all."""
    processes = {process.get("id") for process in children(root, "process")}
    for imported in children(root, "import"):
        if any(word in (imported.get("importType") or "") for word in _RUN_HERE):
            location = (imported.get("location") or imported.get("namespace") or "").strip()[:200]
            report.warning(
                "import-not-followed",
                place_of(imported),
                f"The import of {location} is not followed; deploy that file along.",
                f"不会读取导入的 {location}；请一起部署该文件。",
            )
    for collaboration in children(root, "collaboration"):
        for pool in children(collaboration, "participant"):
            process = (pool.get("processRef") or "").strip()
            if process and process not in processes:
                place = place_of(pool)
                report.warning(
                    "pool-without-process",
                    place,
                    f'{place:en} shows the process "{process[:80]}", which this file does not have; nothing runs for it.',
                    f"{place:zh}展示的流程“{process[:80]}”不在本文件中；不会为它执行任何内容。",
                )
    if processes:
        return
    place = place_of(root)
    if any(local_name(element) in _SHOW_ONLY for element in root):
        report.warning(
            "no-process",
            place,
            "The diagram has no process (only pools, conversations or choreographies), so it is kept as a drawing only; "
            "draw a process to run something.",
            "流程图中没有流程（只有池、会话或编排），仅作为图保存；如需运行请画一个流程。",
        )
    else:
        report.error(
            "no-process",
            place,
            "The diagram has no process; draw one.",
            "流程图中没有流程；请画一个流程。",
        )
