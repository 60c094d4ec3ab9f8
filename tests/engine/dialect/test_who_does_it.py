"""Who does a task is read in every way BPMN and the engines write it."""

from __future__ import annotations

import pytest

from engine.dialect.model import Value

RESOURCES = '<resource id="r1" name="managers"/>'


def role(kind: str, text: str) -> str:
    return (
        f"<{kind}><resourceAssignmentExpression><formalExpression>{text}</formalExpression>"
        f"</resourceAssignmentExpression></{kind}>"
    )


@pytest.mark.parametrize(
    ("inside", "assignee", "users", "groups"),
    [
        (role("humanPerformer", "kermit"), Value(literal="kermit"), None, None),
        (role("performer", "kermit"), Value(literal="kermit"), None, None),
        (role("humanPerformer", "${boss}"), Value(feel="boss"), None, None),
        (role("potentialOwner", "#{approver}"), None, None, Value(feel="approver")),
        (role("potentialOwner", "management"), None, None, Value(literal="management")),
        (role("potentialOwner", "user(kermit), group(a), b"), None, Value(literal="kermit"), Value(literal="a,b")),
        (role("potentialOwner", "user(${who})"), None, Value(feel="who"), None),
        (role("potentialOwner", "group(a), group(${x})"), None, None, Value(feel='["a", x]')),
        (role("potentialOwner", "user(a)") + role("potentialOwner", "user(b)"), None, Value(literal="a,b"), None),
        ("<potentialOwner><resourceRef>tns:r1</resourceRef></potentialOwner>", None, None, Value(literal="managers")),
    ],
)  # fmt: skip
def test_the_roles_of_bpmn_are_read(gate, inside, assignee, users, groups):
    model = gate.model(gate.chain(f'<userTask id="n">{inside}</userTask>', roots=RESOURCES))
    user = model.body.nodes[1].user
    assert (user.assignee, user.candidate_users, user.candidate_groups) == (assignee, users, groups)


def test_what_an_engine_writes_counts_before_the_roles_of_bpmn(gate):
    element = f'<userTask id="n" camunda:assignee="li.na">{role("humanPerformer", "kermit")}</userTask>'
    assert gate.node(element).user.assignee == Value(literal="li.na")


def test_a_role_that_cannot_be_translated_is_refused_where_it_stands(gate, codes_of):
    outcome = gate(gate.chain(f'<userTask id="n">{role("potentialOwner", "${bean.find(1)}")}</userTask>'))
    assert codes_of(outcome) == ["bad-expression"]
    assert outcome.errors[0].element_id == "n"
