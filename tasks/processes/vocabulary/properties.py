"""What the properties of a diagram (`camunda:property`) are called, what each does and on which elements, as data for editors.

Which words a property may hold is the host's to say (`tasks.deadlines.words`); a test compares the names with it and with the
diagrams that are shipped.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.dialect.tables.elements import FLOW_NODES

_RUNS = {name: rule for name, rule in FLOW_NODES.items() if rule.runs}
TASKS = tuple(name for name, rule in _RUNS.items() if rule.family == "task")
ACTIVITIES = tuple(name for name, rule in _RUNS.items() if rule.is_activity)
EVENTS = tuple(name for name, rule in _RUNS.items() if rule.family == "event")
TIMED = ("process", *ACTIVITIES, *EVENTS)
PASSED = (*ACTIVITIES, *EVENTS)
WAITS = ("startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask")
PEOPLE = ("userTask", "manualTask")


@dataclass(frozen=True, slots=True)
class PropertyWords:
    """A property: its name in a diagram, what it is called, what it does in one sentence, and the elements it counts on."""

    name: str
    zh: str
    en: str
    does_zh: str
    does_en: str
    kinds: tuple[str, ...]


_ROWS: tuple[tuple[str, str, str, str, str, tuple[str, ...]], ...] = (
    ("operation", "操作", "operation", "系统在这里自动做的事。", "What the system does here by itself.",
     ("serviceTask", "sendTask", "scriptTask", "businessRuleTask", "task")),
    ("sla.policy", "时限", "limit", "按时限登记的代码计时；流程和阶段上可以有多个。", "A clock of this code of the register; a process or stage may have several.", TIMED),
    ("sla.stop", "停止的时限", "stops", "经过这里时，案件中这些代码的时限停止。", "When this is passed, the case's running clocks of these codes stop.", PASSED),
    ("sla.choose", "重新选择的时限", "chooses again", "经过这里时，按现在的级别等重新选择这些时限。", "When this is passed, these clocks are chosen again for what is known now.", PASSED),
    ("sla.pause", "暂停", "pauses", "停留期间，允许这一原因的时限暂停。", "While a token is here, clocks that allow this reason stand still.", PASSED),
    ("sla.from", "起算时间", "runs since", "从这个时间起算，而不是从到达时起算。", "The clock runs since then instead of since the element was entered.", TIMED),
    ("sla.due", "到期时间", "fixed end", "固定的到期时间，代替登记的时限。", "A fixed end instead of the register's amount.", TIMED),
    ("sla.limit", "自定时限", "own limit", "代替登记时限的数值，单位与登记相同。", "A number in the policy's unit instead of the register's amount.", TIMED),
    ("sla.warnRatio", "预警点", "warn at", "用去时限的多少时第一次预警，例如 0.8。", "The share of the limit at which the first warning lies, such as 0.8.", TIMED),
    ("sla.promise", "承诺时间", "promise", "到达时向客户承诺的时间，记在案件时限上。", "What the customer is promised when this is entered, kept on the case's clock.", PASSED),
    ("case.outcome", "案件结果", "outcome", "经过这里时，案件得出这一结果。", "When this is passed, the case has turned out so.", PASSED),
    ("case.mark", "案件标记", "mark", "经过这里时，案件和未完成的任务打上这一标记。", "When this is passed, the case and its open tasks are marked so.", PASSED),
    ("ball.refused", "算作拒绝的条件", "refused when", "对填写内容成立时，这次办结算作拒绝；写 FEEL，不加“=”。", 'FEEL over the answers, without "=": where it holds, the completion is a refusal.', PEOPLE),
    ("ball.assisting", "协办", "assisting", "办理人只是协办，不算持有案件。", "Who has this task assists and does not hold the case.", PEOPLE),
    ("separateFrom", "不得与之同一人", "somebody else than", "办理过这些任务的人不能再办理本任务。", "Whoever did one of these tasks cannot do this one.", PEOPLE),
    ("separateFrom.case", "在整个案件中查", "in the whole case", "连同案件中其他流程一起查。", "Other processes of the case are looked at too.", PEOPLE),
    ("route.unit", "找谁附近的单位", "near which unit", "从这个单位附近找办理组；写单位代码或表达式。", "The code of the unit near which the group is looked for.", PEOPLE),
    ("route.classification", "按哪些分类分派", "by which classification", "按这些分类找办理组，代替案件自己的分类。", "The classification the group is found by, instead of the case's own.", PEOPLE),
    ("form.start", "登记表单", "start form", "登记案件时填写的表单。", "The form a case is filed with.", ("process",)),
    ("form.start.check", "登记校验", "check of the start", "登记时执行的决策表，每一行是一个错误。", "A table over the start form; each of its rows is a mistake.", ("process",)),
    ("form.check", "校验决策表", "check by a table", "提交时执行的决策表，每一行是一个错误。", "A table over the answers; each of its rows is a mistake.", PEOPLE),
    ("message.form", "消息表单", "form of the message", "消息内容要符合的表单，以后用 message.元素标识.字段 读取。", "The form what the message carries has to pass; read as message.<element id>.<field>.", WAITS),
    ("message.from", "谁可以发送", "who may send it", "内部人员、外部单位或两者；不写即两者。", "Staff, bodies outside, or both; not said: both.", WAITS),
    ("message.check", "消息校验", "check of the message", "对消息内容执行的决策表，每一行是一个错误。", "A table over the message; each of its rows is a mistake.", WAITS),
    ("message.unique", "只接收一次", "taken once", "哪些字段相同就是同一份来件，只接收一次。", "The fields that name one paper: the message is taken once for each.", WAITS),
    ("evidence.kind", "证据种类", "kind of evidence", "办结内容作为证据包中的哪一种。", "What the answers are evidence of in the evidence pack.", (*PEOPLE, "serviceTask")),
    ("evidence.stands", "证据成立的条件", "evidence stands when", "满足时才算作证据；写表单字段或表达式。", "The field or expression that says whether it is evidence.", PEOPLE),
    ("number.prefix", "案件号前缀", "number prefix", "两个大写字母，案件号以此开头。", "Two capital letters the numbers of its cases begin with.", ("process",)),
    ("case.unique", "不重复登记", "filed once", "哪些登记字段相同就是同一来件，不重复登记。", "The fields of the start form that name one paper: it is filed once.", ("process",)),
    ("case.sender", "由谁登记", "filed by", "由监管机构等外部单位登记时填写。", "Which body outside files these cases.", ("process",)),
    ("case.linked", "附属实例", "runs beside", "不单独立案，附在另一案件上运行。", "It is no case of its own but runs beside one.", ("process",)),
    ("order.text", "督办内容", "text of the order", "督办单的内容。", "What the supervision order says.", PEOPLE),
    ("order.text_en", "督办内容（英文）", "text of the order (English)", "督办单的英文内容。", "What the supervision order says, in English.", PEOPLE),
    ("order.informed", "抄送", "informed", "督办单抄送给谁。", "Who is told of the supervision order.", PEOPLE),
)  # fmt: skip

PROPERTIES: dict[str, PropertyWords] = {row[0]: PropertyWords(*row) for row in _ROWS}
"""By name."""
