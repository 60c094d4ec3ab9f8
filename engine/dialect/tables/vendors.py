"""The rows of other modelers and engines: what would be behaviour by name; everything else of theirs is metadata."""

from __future__ import annotations

from engine.dialect.tables.extensions import (
    Dialect,
    ExtensionRule,
    binding,
    harmless,
    ignored,
    listener,
    refused,
)

JBPM = "http://www.jboss.org/drools"

_JBPM_ATTRIBUTES: dict[str, ExtensionRule] = {
    "taskName": binding("The operation of a work item's name, or one bound to it", "与工作项同名的操作，或为其绑定的操作"),
    "ruleFlowGroup": binding("A group of rules: bound to a decision", "规则组：绑定到决策", "businessRuleTask"),
    "serviceimplementation": binding("Code: bound to an operation", "代码：绑定到操作", "serviceTask"),
    "serviceinterface": binding("Code: bound to an operation", "代码：绑定到操作", "serviceTask"),
    "serviceoperation": binding("Code: bound to an operation", "代码：绑定到操作", "serviceTask"),
    "adHoc": refused("Draw the order of the activities", "请画出活动的先后", ("false", "")),
    "independent": ignored("A callee ends with its caller", "被调用流程随调用者结束", ("false", "")),
    "waitForCompletion": refused(
        "A call waits for its callee: draw a message to start another process", "调用总会等待：如需启动另一流程请用消息", ("true", "")
    ),
}  # fmt: skip

_JBPM_ELEMENTS: dict[str, ExtensionRule] = {
    "onEntry-script": listener(),
    "onExit-script": listener(),
    "import": harmless(),
    "global": harmless(),
    "metaData": harmless(),
    "metadata": harmless(),
    "instanceMetadata": harmless(),
}

KNOWN: dict[str, Dialect] = {
    JBPM: Dialect("drools", "jBPM", _JBPM_ATTRIBUTES, _JBPM_ELEMENTS, quiet=True),
}
"""Namespace → dialect, for the namespaces that hold behaviour besides metadata."""

METADATA: dict[str, str] = {
    "http://www.omg.org/": "BPMN, DI, colours",
    "https://www.omg.org/": "BPMN, DI, colours",
    "http://www.w3.org/": "XML Schema",
    "http://www.bpsim.org/": "BPSim (simulation)",
    "http://bpmn.io/": "bpmn.io",
    "http://camunda.org/schema/modeler/": "Camunda Modeler",
    "http://flowable.org/design": "Flowable Design",
    "http://activiti.com/modeler": "Activiti Modeler",
    "http://www.signavio.com": "Signavio",
    "http://www.bizagi.com/": "Bizagi Modeler",
    "http://www.ids-scheer.com/": "ARIS",
    "http://www.softwareag.com/": "ARIS",
    "http://www.gbtec.de/": "BIC",
    "http://www.jboss.org/drools/flow/gpd": "jBPM (drawing)",
    "http://bpmn.sourceforge.net": "Yaoqiang BPMN Editor",
    "http://sourceforge.net/bpmn/": "Yaoqiang BPMN Editor",
    "http://open-bpmn.org/": "Open-BPMN",
    "http://www.trisotech.com/": "Trisotech",
    "https://www.trisotech.com/": "Trisotech",
    "http://trisotech.com/": "Trisotech",
    "http://www.sparxsystems.com/": "Enterprise Architect",
    "http://www.visual-paradigm.com/": "Visual Paradigm",
    "http://www.itp-commerce.com/": "itp-commerce",
    "http://www.eclipse.org/bpmn2/": "Eclipse BPMN2 Modeler",
}
"""Start of an address → whose it is: drawing, simulation and metadata, nothing to report.

What engines write (Imixs, IBM, Oracle, ProcessMaker, Bonita …) is not listed: it is reported once for each namespace.
"""


def is_metadata(address: str) -> bool:
    """Tell whether a namespace only draws, colours, types or documents."""
    return address.startswith(tuple(METADATA))
