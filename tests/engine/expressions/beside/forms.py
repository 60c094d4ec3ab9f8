"""The expressions that are generated: each form is a text with typed holes, written as the standard writes it.

A hole is «type», «type@level» (what binds looser is put into brackets) or «type|name=type» (an expression in which a
further name is known). `£` stands for the variable a form declares. Types: n number, w whole number, k a small one
that nothing else stands for, re a pattern, s string,
b boolean, d date, t time, dt date and time, dd days and time duration, ym years and months duration, c context,
[x] list of x, r(x) range of x, test(x) the test of a filter over [x], cell(x) the input cell of a
decision table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

LOOSE, OR, AND, COMPARE, ADD, MULTIPLY, POWER, NEGATE, TIGHT, CLOSED = range(10)
"""How tightly a form binds (DMN 1.5 §10.3.1.2): from `if` and `for` to names, literals and brackets."""


@dataclass(frozen=True, slots=True)
class Hole:
    type: str
    level: int
    bound: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """template: the text with {0}, {1}… and {name}. domain: where the values of the bound names come from: the items of
    the first part ("items"), the whole numbers between the first two ("span"), the first part ("value"), or nowhere."""

    template: str
    result: str
    holes: tuple[Hole, ...]
    level: int = CLOSED
    domain: str = ""

    @property
    def declares(self) -> bool:
        return "{name}" in self.template


_HOLE: Final = re.compile(r"«([^«»@|]+)(?:@(\d))?(?:\|([^«»]+))?»")


def form(result: str, pattern: str, level: int = CLOSED, domain: str = "") -> Form:
    """Read a pattern."""
    holes: list[Hole] = []
    pieces: list[str] = []
    last = 0
    for match in _HOLE.finditer(pattern):
        bound = tuple(tuple(one.split("=")) for one in match[3].split(";")) if match[3] else ()
        pieces += [pattern[last : match.start()].replace("{", "{{").replace("}", "}}"), f"{{{len(holes)}}}"]
        holes.append(Hole(match[1], int(match[2] or LOOSE), bound))  # type: ignore[arg-type]
        last = match.end()
    pieces.append(pattern[last:].replace("{", "{{").replace("}", "}}"))
    return Form("".join(pieces).replace("£", "{name}"), result, tuple(holes), level, domain)


def _operators() -> list[Form]:
    made: list[Form] = []
    for result, left, sign, right, level in [
        ("n", "n", "+", "n", ADD), ("w", "w", "+", "w", ADD), ("s", "s", "+", "s", ADD), ("n", "n", "-", "n", ADD),
        ("w", "w", "-", "w", ADD), ("n", "n", "*", "n", MULTIPLY), ("n", "n", "/", "n", MULTIPLY),
        ("n", "n", "**", "w", POWER),
        ("dd", "dd", "+", "dd", ADD), ("dd", "dd", "-", "dd", ADD), ("ym", "ym", "+", "ym", ADD), ("ym", "ym", "-", "ym", ADD),
        ("d", "d", "+", "dd", ADD), ("d", "d", "-", "dd", ADD), ("d", "d", "+", "ym", ADD), ("d", "d", "-", "ym", ADD),
        ("dt", "dt", "+", "dd", ADD), ("dt", "dt", "-", "dd", ADD), ("dt", "dt", "+", "ym", ADD), ("dt", "ym", "+", "dt", ADD),
        ("t", "t", "+", "dd", ADD), ("t", "t", "-", "dd", ADD), ("d", "dd", "+", "d", ADD),
        ("dd", "d", "-", "d", ADD), ("dd", "dt", "-", "dt", ADD), ("dd", "t", "-", "t", ADD), ("dd", "dt", "-", "d", ADD),
        ("dd", "dd", "*", "n", MULTIPLY), ("dd", "w", "*", "dd", MULTIPLY), ("dd", "dd", "/", "n", MULTIPLY),
        ("n", "dd", "/", "dd", MULTIPLY), ("ym", "ym", "*", "w", MULTIPLY), ("n", "ym", "/", "ym", MULTIPLY),
        ("b", "b", "and", "b", AND), ("b", "b", "or", "b", OR),
    ]:  # fmt: skip
        made.append(form(result, f"«{left}@{level}» {sign} «{right}@{level + 1}»", level))
    for kind in ("n", "s", "d", "t", "dt", "dd", "ym"):
        made += [
            form("b", f"«{kind}@{ADD}» {sign} «{kind}@{ADD}»", COMPARE)
            for sign in ("=", "!=", "<", "<=", ">", ">=")
        ]
        made.append(form("b", f"«{kind}@{ADD}» between «{kind}@{ADD}» and «{kind}@{ADD}»", COMPARE))
    made += [
        form("b", f"«{kind}@{ADD}» {sign} «{kind}@{ADD}»", COMPARE)
        for kind in ("b", "[n]", "[s]", "c", "r(n)")
        for sign in ("=", "!=")
    ]
    for kind in ("n", "s", "d", "dt", "t", "dd", "ym"):
        made += [
            form("b", f"«{kind}@{ADD}» in «[{kind}]@{TIGHT}»", COMPARE),
            form("b", f"«{kind}@{ADD}» in «r({kind})@{TIGHT}»", COMPARE),
            form("b", f"«{kind}@{ADD}» in (< «{kind}@{ADD}», > «{kind}@{ADD}»)", COMPARE),
            form("b", f"«{kind}@{ADD}» in («{kind}», «{kind}»)", COMPARE),
            form("b", f"«{kind}@{ADD}» in >= «{kind}@{ADD}»", COMPARE),
            form("b", f"«{kind}@{ADD}» in [«{kind}»..«{kind}»)", COMPARE),
        ]
    return made


def _structures() -> list[Form]:
    made = [
        form("n", "-«n@8»", NEGATE), form("w", "-«w@8»", NEGATE), form("dd", "-«dd@8»", NEGATE), form("ym", "-«ym@8»", NEGATE),
        form("c", '{a: «n», b: «s»}'), form("c", '{"full name": «s», a: «n»}'), form("c", "{a: «w», b: «s», 备注: «any»}"),
        form("n", "«c@8».a", TIGHT), form("s", "«c@8».b", TIGHT), form("s", "«c@8».full name", TIGHT), form("any", "«c@8».备注", TIGHT),
        form("[n]", "«[c]@8».a", TIGHT), form("[s]", "«[c]@8».b", TIGHT),
        form("[n]", "[]"), form("[any]", "[«any», «any», «any»]"),
        form("w", "«d@8».year", TIGHT), form("w", "«d@8».month", TIGHT), form("w", "«dt@8».day", TIGHT), form("w", "«d@8».weekday", TIGHT),
        form("w", "«t@8».hour", TIGHT), form("w", "«dt@8».minute", TIGHT), form("w", "«t@8».second", TIGHT),
        form("dd", "«dt@8».time offset", TIGHT), form("s", "«dt@8».timezone", TIGHT),
        form("w", "«dd@8».days", TIGHT), form("w", "«dd@8».hours", TIGHT), form("w", "«dd@8».seconds", TIGHT),
        form("w", "«ym@8».years", TIGHT), form("w", "«ym@8».months", TIGHT),
        form("n", "«r(n)@8».start", TIGHT), form("n", "«r(n)@8».end", TIGHT), form("b", "«r(n)@8».start included", TIGHT),
    ]  # fmt: skip
    for kind in ("n", "s", "d", "dd", "ym", "t", "dt"):
        made += [form(f"r({kind})", f"[«{kind}»..«{kind}»]"), form(f"r({kind})", f"(«{kind}»..«{kind}»)"),
                 form(f"r({kind})", f"]«{kind}»..«{kind}»["), form(f"r({kind})", f"(< «{kind}@{ADD}»)")]  # fmt: skip
        made += [form(f"[{kind}]", f"[«{kind}»]"), form(f"[{kind}]", f"[«{kind}», «{kind}»]"),
                 form(f"[{kind}]", f"[«{kind}», «{kind}», «{kind}»]")]  # fmt: skip
    made += [form("[c]", "[«c»]"), form("[c]", "[«c», «c»]"), form("[b]", "[«b», «b», «b»]")]
    for kind in ("n", "s", "b", "d", "t", "dt", "dd", "ym", "c", "[n]", "[s]", "[c]"):
        made += [
            form(kind, f"if «b» then «{kind}» else «{kind}»", LOOSE),
            form(kind, f"(«{kind}»)"),
            form(kind, f"{{v: «{kind}», r: «{kind}|v={kind}»}}.r", TIGHT, "value"),
            form(kind, f"(function(£) «{kind}|£={kind}»)(«{kind}»)", TIGHT, "last"),
        ]
    for name in ("number", "string", "boolean", "date", "time", "date and time", "days and time duration",
                 "years and months duration", "list<number>", "context<a: number>", "Any", "list", "context"):  # fmt: skip
        made.append(form("b", f"«any@{TIGHT}» instance of {name}", NEGATE))
    return made


def _iterations() -> list[Form]:
    made: list[Form] = []
    for kind in ("n", "s", "d", "dd", "c"):
        for result in ("n", "s", "b", "c"):
            made.append(
                form(f"[{result}]", f"for £ in «[{kind}]» return «{result}|£={kind}»", LOOSE, "items")
            )
        made += [
            form("b", f"some £ in «[{kind}]» satisfies «b|£={kind}»", LOOSE, "items"),
            form("b", f"every £ in «[{kind}]» satisfies «b|£={kind}»", LOOSE, "items"),
            form(f"[{kind}]", f"«[{kind}]@{TIGHT}»[«b|item={kind}»]", TIGHT, "items"),
            form(kind, f"«[{kind}]@{TIGHT}»[«w»]", TIGHT),
            form(kind, f"«[{kind}]@{TIGHT}»[1]", TIGHT),
            form(kind, f"«[{kind}]@{TIGHT}»[-1]", TIGHT),
        ]
        made.append(
            form(
                f"[{kind}]",
                f"«[{kind}]@{TIGHT}»[«test({kind})|item={kind}{';a=n;b=s' if kind == 'c' else ''}»]",
                TIGHT,
                "items",
            )
        )
        if kind != "c":
            made += [
                form(f"test({kind})", f"item {sign} «{kind}@{ADD}»", COMPARE)
                for sign in ("=", ">", "<=", "!=")
            ]
    made += [
        form("test(c)", "a > «n@4»", COMPARE), form("test(c)", "b = «s@4»", COMPARE), form("test(c)", "item.a <= «n@4»", COMPARE),
        form("[n]", "for £ in «k»..«k» return «n|£=w»", LOOSE, "span"),
        form("[w]", "for £ in [«k»..«k»] return «w|£=w»", LOOSE, "span"), form("k", "count(«[n]»)"), form("r(k)", "[«k»..«k»]"), form("r(k)", "(«k»..«k»)"),
        form("[n]", "for £ in «[n]», other in «[n]» return «n|£=n;other=n»", LOOSE),
        form("[n]", "for £ in «[n]» return if count(partial) > 0 then partial[-1] + £ else £", LOOSE),
        form("[n]", "sort(«[n]», function(x1, x2) x1 < x2)"), form("[s]", "sort(list: «[s]», precedes: function(x1, x2) x1 > x2)"),
        form("[c]", "sort(«[c]», function(x1, x2) x1.a < x2.a)"),
        form("[n]", "list replace(«[n]», function(old, new) old < new, «n»)"),
    ]  # fmt: skip
    return made


FUNCTIONS: Final = """
s: string(«any»)
n: number(«s»)
n: number(«s», ",", ".")
n: number(from: «s», grouping separator: ".", decimal separator: ",")
n: number(«s», null, ".")
b: not(«b»)
s: substring(«s», «w»)
s: substring(«s», «w», «w»)
s: substring(string: «s», start position: «w», length: «w»)
w: string length(«s»)
s: upper case(«s»)
s: lower case(«s»)
s: substring before(«s», «s»)
s: substring after(«s», «s»)
s: substring after(string: «s», match: «s»)
b: contains(«s», «s»)
b: starts with(«s», «s»)
b: ends with(string: «s», match: «s»)
b: matches(«s», "^[a-c]+$")
b: matches(«s», "A.?", "i")
s: replace(«s», "[ab]", "<$0>")
s: replace(«s», "(a)(b)?", "$1-$2")
s: replace(«s», "o", "0", "i")
[s]: split(«s», ",")
[s]: split(«s», "\\\\s")
s: string join(«[s]», «s»)
s: string join(«[s]»)
b: list contains(«[n]», «n»)
b: list contains(list: «[s]», element: «s»)
b: list contains(«[d]», «d»)
[n]: list replace(«[n]», «w», «n»)
w: count(«[n]»)
w: count(list: «[s]»)
n: min(«[n]»)
n: min(«n», «n»)
s: min(«[s]»)
d: max(«[d]»)
n: max(«[n]»)
n: max(«n», «n», «n»)
dd: max(«[dd]»)
n: sum(«[n]»)
n: sum(«n», «n»)
n: mean(«[n]»)
n: product(«[n]»)
n: median(«[n]»)
n: stddev(«[n]»)
[n]: mode(«[n]»)
b: all(«[b]»)
b: any(«[b]»)
b: all(«b», «b»)
b: any(«b», «b»)
[n]: sublist(«[n]», «w»)
[n]: sublist(«[n]», «w», «w»)
[n]: append(«[n]», «n»)
[n]: append(«[n]», «n», «n»)
[any]: append(«[n]», «any»)
[n]: concatenate(«[n]», «[n]»)
[n]: insert before(«[n]», «w», «n»)
[n]: remove(«[n]», «w»)
[n]: reverse(«[n]»)
[w]: index of(«[n]», «n»)
[w]: index of(«[s]», «s»)
[w]: index of(«[d]», «d»)
[n]: union(«[n]», «[n]»)
[n]: distinct values(«[n]»)
[s]: distinct values(«[s]»)
[any]: distinct values(«[any]»)
[any]: flatten(«[any]»)
n: decimal(«n», «w»)
n: floor(«n»)
n: floor(«n», «w»)
n: ceiling(«n»)
n: ceiling(«n», «w»)
n: round up(«n», «w»)
n: round down(«n», «w»)
n: round half up(«n», «w»)
n: round half down(«n», «w»)
n: round half up(n: «n», scale: «w»)
n: abs(«n»)
n: {f: function(a, b) a - b, r: f(«n», «n»)}.r
n: {f: function(a, b) a - b, r: f(b: «n», a: «n»)}.r
n: {f: function(k) if k < 2 then 1 else k * f(k - 1), r: f(«k»)}.r
b: (some £ in «[n]», other in «[n]» satisfies £ = other)
b: (every £ in «[n]», other in «[s]» satisfies string(£) != other)
[any]: «[any]@8»[item instance of number]
[any]: «[any]@8»[item != null]
b: (function(a: number) a = null)(«any»)
b: not(«n» > «n»)
b: («any» = null)
b: («any» != null)
b: («n» in [[1..3], [5..9], 7])
[n]: for £ in «r(k)» return £ * 2
n: /* 备注 */ sum(«[n]», /* two */ «n») // end
n: sum(«n», 1e3, 2.5e-1, 1E2)
s: string join(«[s]», null)
b: matches(«s», «re»)
b: matches(input: «s», pattern: «re», flags: "i")
s: replace(«s», «re», "-")
[s]: split(«s», «re»)
n: get value(«c», ["a"])
[d]: sort(«[d]», function(x1, x2) x1 < x2)
[n]: sort(«[n]»)
b: is(«dt», «dt»)
r(n): range("[«w»..«w»]")
s: "line\\nbreak \\u6295\\u8bc9 \\"quoted\\""
dd: abs(«dd»)
ym: abs(«ym»)
n: modulo(«n», «n»)
n: modulo(dividend: «w», divisor: «w»)
n: sqrt(«n»)
n: log(«n»)
n: exp(«w»)
b: odd(«n»)
b: even(«w»)
b: is(«any», «any»)
b: is(«t», «t»)
b: before(«n», «n»)
b: before(«r(n)», «r(n)»)
b: before(«n», «r(n)»)
b: after(«r(n)», «n»)
b: after(«r(d)», «r(d)»)
b: meets(«r(n)», «r(n)»)
b: met by(«r(n)», «r(n)»)
b: overlaps(«r(n)», «r(n)»)
b: overlaps before(«r(n)», «r(n)»)
b: overlaps after(«r(n)», «r(n)»)
b: finishes(«n», «r(n)»)
b: finished by(«r(n)», «n»)
b: includes(«r(n)», «n»)
b: includes(«r(n)», «r(n)»)
b: includes(«r(d)», «d»)
b: during(«n», «r(n)»)
b: starts(«n», «r(n)»)
b: started by(«r(n)», «r(n)»)
b: coincides(«r(n)», «r(n)»)
w: day of year(«d»)
s: day of week(«d»)
s: month of year(«dt»)
w: week of year(«d»)
n: get value(«c», "a")
s: get value(«c», «s»)
[c]: get entries(«c»)
c: context([{key: "a", value: «n»}])
c: context({key: «s», value: «n»})
c: context merge([«c», «c»])
c: context put(«c», "a", «n»)
c: context put(«c», «s», «n»)
c: context put(«c», ["b"], «s»)
d: date(«s»)
d: date(«dt»)
d: date(«w», «w», «w»)
d: date(2024, «w», «w»)
d: date(year: 2025, month: «w», day: «w»)
t: time(«s»)
t: time(«dt»)
t: time(«w», «w», «w»)
t: time(«w», «w», 0, «dd»)
dt: date and time(«s»)
dt: date and time(«d», «t»)
dt: date and time(«dt», «t»)
dd: duration(«s»)
ym: years and months duration(«d», «d»)
ym: years and months duration(from: «dt», to: «dt»)
"""


def _functions() -> list[Form]:
    lines = [line.split(": ", 1) for line in FUNCTIONS.strip().splitlines()]
    return [form(result, pattern.replace("\\\\", "\\")) for result, pattern in lines]


def _cells() -> list[Form]:
    made: list[Form] = []
    for kind in ("n", "s", "d", "dt", "dd"):
        one = f"cell1({kind})"
        made += [form(one, f"«{kind}@{ADD}»"), form(one, f"< «{kind}@{ADD}»"), form(one, f">= «{kind}@{ADD}»"),
                 form(one, f"= «{kind}@{ADD}»"), form(one, f"[«{kind}»..«{kind}»]"), form(one, f"(«{kind}»..«{kind}»)"),
                 form(one, f"«[{kind}]@{TIGHT}»"), form(one, f"«r({kind})@{TIGHT}»"), form(one, f"? > «{kind}@{ADD}»"),
                 form(one, f"? in [«{kind}»..«{kind}»]"), form(one, f"list contains(«[{kind}]», ?)"), form(one, "null")]  # fmt: skip
        made += [form(f"cell({kind})", "-"), form(f"cell({kind})", f"«{one}»"), form(f"cell({kind})", f"«{one}», «{one}»"),
                 form(f"cell({kind})", f"not(«{one}»)"), form(f"cell({kind})", f"not(«{one}», «{one}»)")]  # fmt: skip
    made += [form("cell1(s)", "starts with(?, «s»)"), form("cell1(n)", "even(?)"), form("cell(b)", "«b»"),
             form("cell(b)", "not(«b»)"), form("cell(b)", "true, false"), form("cell(b)", "-")]  # fmt: skip
    return made


FORMS: Final = [*_operators(), *_structures(), *_iterations(), *_functions(), *_cells()]
