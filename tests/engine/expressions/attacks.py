"""Expressions that want too much, by what they want too much of. `benchmarks/hostile.py` measures the same ones."""

from __future__ import annotations

from typing import Final

_LISTS: Final = "{f: function(l, n) if n = 0 then l else f([l, l], n - 1), a: f([1], 60), b: f([1], 60), r: "
_TEXTS: Final = '{f: function(s, n) if n = 0 then s else f(s + s, n - 1), s: f("汉", 17), r: '
_ITEMS: Final = (
    "{l: for i in 1..4000 return i, t: for i in l return string(i), d: for i in l return {a: i}, r: "
)

ENDLESS: Final = {
    "nested quantifiers": "every i in 1..100000, j in 1..100000 satisfies true",
    "quantifiers in quantifiers": "some a in 1..900 satisfies every b in 1..900 satisfies some c in 1..900 satisfies c > 900",
    "for to a billion": "for i in 1..1000000000 return i",
    "some to a billion": "some i in 1..1000000000 satisfies i < 0",
    "for over days": 'for d in [@"0001-01-01"..@"9999-12-31"] return d',
    "three loops": "for a in 1..1000, b in 1..1000, c in 1..1000 return 1",
    "loop in loop": "count(for i in 1..100000 return for j in 1..100000 return j)",
    "long body": "for i in 1..10000 return " + "+".join(["i"] * 2000),
    "long filter": "(for i in 1..10000 return i)[" + " or ".join(["item < 0"] * 150) + "]",
    "recursion": "{f: function(n) f(n + 1), r: f(1)}.r",
    "recursion twice": "{f: function(n) if n = 0 then 0 else f(n - 1) + f(n - 1), r: f(60)}.r",
    "recursion by sort": "{f: function(l) sort(l, function(a, b) count(f(l)) > 0), r: f([1, 2, 3])}.r",
    "own order": "sort(for i in 1..20000 return i, function(a, b) a > b)",
    "every pair": _ITEMS + "for x in l return list contains(l, -x)}.r",
    "every pair by index": _ITEMS + "for x in l return index of(t, string(x))}.r",
    "every pair by sum": _ITEMS + "for x in l return sum(l)}.r",
    "every pair by paths": _ITEMS + "for x in l return d.a}.r",
    "every pair by in": _ITEMS + "for x in l return x in d}.r",
    "every pair by type": _ITEMS + "for x in l return l instance of list<number>}.r",
    "every pair distinct": _ITEMS + "distinct values(d)}.r",
    "every pair compared": _ITEMS + "for x in l return is(d, for y in l return {a: y})}.r",
    "functions compared": "{f: function(x) " + "x+" * 2000 + "1, g: function(x) " + "x+" * 2000 + "1, "
    "a: for i in 1..8000 return f, b: for i in 1..8000 return g, r: a = b}.r",
    "long texts looked for": _TEXTS
    + '{a: s + "a", b: s + "b", l: for i in 1..30000 return a, r: list contains(l, b)}}.r.r',
    "transcendental": "for i in 1..100000 return exp(sqrt(i) / 7) ** 0.37",
}
LARGE: Final = {
    "doubled list": _LISTS + "a}.r",
    "doubled lists compared": _LISTS + "a = b}.r",
    "doubled list as text": _LISTS + "string(a)}.r",
    "doubled list flattened": _LISTS + "flatten(a)}.r",
    "doubled list found": _LISTS + "list contains([a], b)}.r",
    "doubled list in": _LISTS + "a in [b]}.r",
    "doubled lists distinct": _LISTS + "distinct values([a, b])}.r",
    "doubled lists the same": _LISTS + "is(a, b)}.r",
    "doubled list in a range": _LISTS + "string((= a))}.r",
    "doubled ranges compared": _LISTS + "(= a) = (= b)}.r",
    "doubled list of a type": _LISTS + "a instance of " + "list<" * 11 + "number" + ">" * 11 + "}.r",
    "doubled context": "{f: function(l, n) if n = 0 then l else f({a: l, b: l}, n - 1), r: f({}, 60)}.r",
    "doubled text": '{f: function(s, n) if n = 0 then s else f(s + s, n - 1), r: f("xxxxxxxxxx", 90)}.r',
    "doubled by concatenate": "{f: function(l, n) if n = 0 then l else f(concatenate(l, l), n - 1), r: f([1, 2], 90)}.r",
    "long texts kept": '{s: string join(for i in 1..5000 return "0123456789", ""), r: for i in 1..5000 return s}.r',
    "tails of a text": _TEXTS + "for i in 1..100000 return substring(s, i)}.r",
    "text looked through": _TEXTS + 'for i in 1..100000 return substring after(s, "b")}.r',
    "texts compared": _TEXTS + "for i in 1..100000 return s + string(i) = s + string(i)}.r",
    "text in small pieces": _TEXTS + 'split(s, "汉")}.r',
    "text grown by replace": _TEXTS + 'replace(s, "(.)", "$1$1$1$1")}.r',
    "text grown by case": _TEXTS + "upper case(s + s)}.r",
    "all partial results": "for i in 1..3000 return partial",
    "functions kept": "for i in 1..100000 return function(a) a + i",
    "contexts kept": "for i in 1..100000 return {a: i, b: i, c: i, d: i, e: i, f: i}",
    "numbers of many digits": "for i in 1..20000 return 1e6000 + i",
    "many digits as text": "string(for i in 1..20000 return 1e6000)",
    "deep list": "string(for i in 1..20000 return [partial[-1]])",
    "latest of many in a zone": '{l: for i in 1..9000 return @"2026-01-01T10:00:00@Europe/Paris", '
    "r: max(concatenate(l, l, l, l, l, l, l, l))}.r",
    "warnings with long texts": '{s: "x" , l: for i in 1..20000 return i.' + "a" * 3000 + "}.l",
}
PATTERNS: Final = {
    "^(a|aa)+$": "a" * 60 + "!",
    "(a+)\\\\1+(a+)\\\\2+b": "a" * 200,
    "(.*)(.*)(.*)(.*)(.*)(.*)[^a]\\\\1": "a" * 60,
    "^(a+)+$": "a" * 40 + "!",
    "(a|a)*b": "a" * 40 + "!",
    "(x+x+)+y": "x" * 60,
    "(a?){40}a{40}b": "a" * 40,
    "(.*)*\\\\1c": "a" * 30 + "b",
    "(a*)*(a*)*(a*)*b": "a" * 5000,
    "((a|b)*(a|b)*)*c": "ab" * 3000,
    "((a{1,100}){1,100}){1,100}": "a",
    "(" * 45 + "a" + "{1,9})" * 45: "a",
    "(" * 30 + "a" + "+)" * 30: "a" * 30,
    "(((abc{1000}){1000}){1000}){1000}": "a",
    "\\\\w\\\\d\\\\s" * 200: "a",
}
"""Pattern → the text it is slow on."""
MANY_PATTERNS: Final = {
    "^(a|aa)+$": "a" * 60 + "!",
    "a slow pattern often": 'for i in 1..100000 return matches("aaaaaaaaaaaaaaaaaaaa!", "^(a|aa)+$")',
    "patterns made at run time": 'for i in 1..100000 return matches("x", "(a|b)*" + string(i))',
    "folding": "matches(" + '"x", "' + "[\\\\p{L}\\\\p{N}]" * 60 + '", "i")',
    "long replacement": '{f: function(s, n) if n = 0 then s else f(s + s, n - 1), r: replace("a", "a", f("$1", 16))}.r',
    "range of blanks": '{f: function(s, n) if n = 0 then s else f(s + s, n - 1), r: range("[" + f(" ", 16))}.r',
}
TEXTS: Final = {
    "brackets": "(" * 5000 + "1" + ")" * 4999,
    "lists": "[" * 5000,
    "contexts": "{a:" * 900 + "1" + "}" * 900,
    "minus": "-" * 9000 + "1",
    "not": "not(" * 300 + "true" + ")" * 300,
    "if": "if a then " * 500 + "b",
    "for": "for a in b return " * 500 + "a",
    "path": "a" + ".b" * 4000,
    "filters": "a" + "[1]" * 3000,
    "calls": "f" + "()" * 4900,
    "functions": "function(a) " * 700 + "a",
    "types": "1 instance of " + "list<" * 1500 + "number" + ">" * 1500,
    "unknown functions": "[" + ",".join(f"f{i}(1)" for i in range(1200)) + "]",
    "nearly functions": "[" + ",".join(f"substrin{i}(1)" for i in range(700)) + "]",
    "words": "a " * 4900,
    "different words": " ".join(f"w{i}" for i in range(1600)),
    "the same key": "{" + ",".join(["a:1"] * 2400) + "}",
    "keys with spaces": "{" + ",".join(f"a b{i}:1" for i in range(500)) + ",z:" + "a b1+" * 700 + "1}",
    "sum": "+".join(["1"] * 4900),
    "tests": ",".join(["<1"] * 3000),
    "in or bracket": "1 in (" * 30 + "1" + ") + 1" * 30,
    "range or list": "[1" * 45 + "..2[" * 45,
    "blanks": "f(a" + " " * 9000 + "b)",
    "half labels": "{a" + " " * 9000 + "}",
    "open comments": "/*" * 4900,
    "open string": '"' + "\\" * 4900,
    "negated or not": "not(" * 30 + "1" + ")" * 30 + " and 1",
    "digits": "1" * 10_000,
    "exponent": "1e" + "9" * 9000,
    "full width": "（" * 5000,
}
