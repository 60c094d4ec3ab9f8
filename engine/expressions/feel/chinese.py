"""The Chinese of what FEEL says while it runs: warnings and hints, by their English sentences.

The evaluator writes one English sentence where something happens, so that a warning costs nothing until somebody
reads it; what it means in Chinese stands here, once, with the same holes. A sentence in a hole is looked up too.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

LONGEST: Final = 2_000
"""Characters of a sentence that are looked at; a longer one is quoted as it is."""

SENTENCES: Final[dict[str, str]] = {
    # names and entries
    'There is no variable "{}".': "没有名为“{}”的变量。",
    'There is no function "{}".': "没有名为“{}”的函数。",
    'The context has no entry "{}".': "上下文中没有“{}”这一项。",
    'null has no entry "{}".': "空值（null）没有“{}”这一项。",
    'A {} has no property "{}".': "{}没有属性“{}”。",
    '"{}" has no entry "{}".': "“{}”中没有“{}”这一项。",
    'there is no entry "{}"': "没有“{}”这一项",
    "there is no such entry": "没有这一项",
    "there are no keys": "没有给出键",
    'there is no context "{}" to put into': "没有可以放入的上下文“{}”",
    "The list of {} has no item {}.": "列表共 {} 项，没有第 {} 项。",
    'The input "{}" was not given.': "没有提供输入“{}”。",
    # operators
    "{} met null.": "{}遇到空值（null）。",
    "{} cannot take a {} and a {}.": "{}不能用于{}和{}。",
    '"{}" cannot take a {} and a {}.': "“{}”不能用于{}和{}。",
    '"{}" cannot take a {}.': "“{}”不能用于{}。",
    "A filter cannot take a {}.": "筛选条件不能是{}。",
    "A {} cannot be called.": "{}不是函数，不能调用。",
    "A {} is not of type {}.": "{}不属于类型{}。",
    "Negation cannot take a {}.": "取负不能用于{}。",
    "Subtraction needs two date-times with, or two without, a zone.": "相减的两个日期时间必须都带时区，或都不带。",
    "{} has no number as its result.": "{}的结果不是数字。",
    "{} failed: {}.": "{}失败：{}。",
    "Division by zero.": "除数为零。",
    "division by zero": "除数为零",
    "The duration is too long.": "时长过长。",
    '"instance of {}" has no answer: {} is no complete type.': "“instance of {}”没有结果：{}不是完整的类型。",
    '"!=" is no range.': "“!=”不是区间。",
    "An end of the range is null.": "区间的一端是空值（null）。",
    "A variable cannot be used: {}.": "变量不能使用：{}。",
    "now() and today() need a clock, and none was given.": "now() 和 today() 需要时钟，但没有提供。",
    "The start of a range must not lie behind its end.": "区间的起点不能大于终点。",
    # loops and lists
    "An iteration over null has no result.": "对空值（null）循环没有结果。",
    "An iteration needs whole numbers as its ends.": "循环的两端必须是整数。",
    "An iteration over a range needs both its ends.": "对区间循环需要区间的两端都有值。",
    "null cannot be filtered.": "空值（null）不能筛选。",
    "The position in a list must be a whole number.": "列表中的位置必须是整数。",
    "every item must be a number": "每一项都必须是数字",
    "every item of the list must be a string": "列表的每一项都必须是字符串",
    "every item must be a context": "每一项都必须是上下文",
    "the items must be comparable with each other": "各项必须能够相互比较",
    "the list is empty": "列表为空",
    "every item must be true or false": "每一项都必须是真或假",
    "at least two numbers are needed": "至少需要两个数字",
    "the sublist lies outside the list": "子列表超出原列表",
    '"{}" must be a function of two values': "“{}”必须是两个参数的函数",
    '"{}" must say true or false for every pair of items': "“{}”对每两项都必须得出真或假",
    "The context has two entries of one name.": "上下文中有两项同名。",
    "every entry must have a key and a value": "每一项都必须有键和值",
    "every key must be a string, and stand only once": "每个键都必须是字符串，且不能重复",
    "keys must be a list of strings": "键必须是字符串列表",
    # functions
    "{}(): {}.": "{}()：{}。",
    "{}() failed: {}.": "{}() 失败：{}。",
    "{}() has no number as its result.": "{}() 的结果不是数字。",
    "{}() has no parameters named like that.": "{}() 没有这些名称的参数。",
    "{}() does not take {} argument(s).": "{}() 不接受 {} 个参数。",
    "The function takes {} argument(s), not {}.": "该函数需要 {} 个参数，而不是 {} 个。",
    "The function takes {} argument(s).": "该函数需要 {} 个参数。",
    "{} takes {} argument(s).": "{}需要 {} 个参数。",
    '"{}" takes {} argument(s).': "“{}”需要 {} 个参数。",
    "The arguments do not have the names of the parameters.": "参数名称与函数的参数不符。",
    'The argument "{}" must be of type {}.': "参数“{}”必须是{}。",
    "The result must be of type {}, not {}.": "结果必须是{}，而不是{}。",
    "wrong number of arguments": "参数个数不对",
    '"{}" must be of type {}, not {}': "“{}”必须是{}，而不是{}",
    '"{}" must be of type {}': "“{}”必须是{}",
    '"{}" is null': "“{}”是空值（null）",
    '"{}" must be a whole number': "“{}”必须是整数",
    '"{}" lies outside -{}..-1 and 1..{}': "“{}”不在 -{} 到 -1 或 1 到 {} 之间",
    "the length must be at least 1": "长度至少为 1",
    "the scale must lie between {} and {}": "小数位数必须在 {} 到 {} 之间",
    "the logarithm needs a positive number": "对数需要正数",
    "the pattern matches the empty string": "模式会匹配空字符串",
    "the delimiter matches the empty string": "分隔符会匹配空字符串",
    "the points cannot be compared with each other": "这些点不能相互比较",
    "a number with a fraction is neither odd nor even": "带小数的数既不是奇数也不是偶数",
    "{} is too large for a part of a date or time": "{} 过大，不能作为日期或时间的一部分",
    "the time zone is empty": "时区为空",
    # texts that are read
    '"{}" is not a number': "“{}”不是数字",
    'the grouping separator is " ", "," or ".", the decimal separator "," or ".", and they differ': (
        "千位分隔符只能是空格、逗号或句点，小数点只能是逗号或句点，两者不能相同"
    ),
    '"{}" is not a range': "“{}”不是区间",
    "the text of a range has at most {} characters": "区间的文字最多 {} 个字符",
    '"{}" is not a range: its ends must be literals': "“{}”不是区间：两端必须是字面值",
    '"{}" is not a range: {}() has no value there': "“{}”不是区间：其中的 {}() 没有值",
    '"{}" is not a date (write 2026-01-31)': "“{}”不是日期（写法：2026-01-31）",
    '"{}" is not a time (write 10:30:00)': "“{}”不是时间（写法：10:30:00）",
    '"{}" is not a duration (write P3D, PT4H or P1Y2M)': "“{}”不是时长（写法：P3D、PT4H 或 P1Y2M）",
    '"{}" has an impossible offset': "“{}”的时差不存在",
    '"{}" is too long a duration': "“{}”时长过长",
    'there is no time zone "{}"': "没有时区“{}”",
    "there is no day {}-{}-{}": "没有 {}-{}-{} 这一天",
    "there is no time {}:{}": "没有 {}:{} 这一时刻",
    "a zone offset lies between -18:00 and +18:00": "时差必须在 -18:00 到 +18:00 之间",
    "a year beyond 999,999,999": "年份超过 999,999,999",
    "the year of {} is outside 1 to 9999": "{} 的年份不在 1 到 9999 之间",
    "a number that is infinite, undefined or out of range": "无穷、未定义或超出范围的数字",
    "the pattern is too large, or its counts multiply to too much": "模式过大，或重复次数相乘后过多",
    "a mapping with a {} as a key": "以 {} 为键的映射",
    "an integer too large for a FEEL number": "整数超过 FEEL 数字的范围",
    "data nested more than 100 levels deep": "数据嵌套超过 100 层",
    "a {} is not plain data": "{} 不是普通数据",
    # regular expressions
    "the pattern is longer than {} characters": "模式超过 {} 个字符",
    'the flags "{}" may only be s, m, i, x and q': "标志“{}”只能由 s、m、i、x、q 组成",
    '"{}" is not a regular expression ({})': "“{}”不是正则表达式（{}）",
    '"{}" has a closing bracket too many': "“{}”多了一个右括号",
    "the pattern is nested more than 50 levels deep": "模式嵌套超过 50 层",
    '"{}" has nothing to repeat': "“{}”前面没有可重复的内容",
    '"{}" must be written \\{}': "“{}”要写成 \\{}",
    'after "(" only "?:" may follow': "左括号后面只能用 ?:",
    "a bracket is not closed": "括号没有闭合",
    "a quantifier must be {n}, {n,} or {n,m}": "重复次数要写成 {n}、{n,} 或 {n,m}",
    "a quantifier has impossible bounds": "重复次数的上下限不成立",
    "the pattern ends with a backslash": "模式不能以反斜杠结尾",
    "there is no finished group {} to refer to": "此处没有可引用的第 {} 组",
    '"\\{}" is not an escape': "“\\{}”不是转义写法",
    "\\{} needs a category, such as \\{}{Lu}": "\\{} 后面要写类别，例如 \\{}{Lu}",
    'there is no category "{}"': "没有类别“{}”",
    "character classes are nested too deeply": "字符组嵌套过深",
    "a character class is not closed": "字符组的方括号没有闭合",
    "a character class is empty": "字符组是空的",
    "a subtraction must end its character class": "字符组中的减法必须写在最后",
    '"{}" is not a range of characters': "“{}”不是字符范围",
    '"[" inside a character class must be written \\[': "字符组中的方括号要写成 \\[",
    'in a replacement, "\\" stands only before "\\" or "$"': "替换文字中，反斜杠只能写在反斜杠或 $ 之前",
    'in a replacement, "$" must be followed by a group number': "替换文字中，$ 后面必须是组号",
    # decisions
    'The decision "{}" has no logic.': "决策“{}”没有逻辑。",
    '"{}" has no logic.': "“{}”没有逻辑。",
    'The input "{}" is none of its allowed values.': "输入“{}”不在允许的取值之内。",
    'The output "{}" is none of its allowed values.': "输出“{}”不在允许的取值之内。",
    "The rules {} all match, but the hit policy is unique.": "规则 {} 同时命中，但命中策略为唯一（U）。",
    "Matching rules disagree, but the hit policy is any.": "命中的规则结论不一致，但命中策略为任一（A）。",
    "sum: {}.": "求和：{}。",
    "min: {}.": "取最小：{}。",
    "max: {}.": "取最大：{}。",
    "count: {}.": "计数：{}。",
    # hints
    'Did you mean "{}"?': "是否想写“{}”？",
    "Write {}.": "请写 {}。",
    'Write "{}".': '请写 "{}"。',
    "Write a half-width {}.": "请写半角的 {}。",
    "Close it with {}.": "请以 {} 结束。",
    "Write the body in FEEL.": "请用 FEEL 编写函数体。",
    'For the text itself, write "{}" in quotes.': '若指文字本身，请加双引号："{}"。',
    "A range stands in brackets, such as [1..5].": "区间要加括号，例如 [1..5]。",
    "For two limits, write a range such as (3..5), or ? > 3 and ? < 5.": (
        "要同时满足两个界限，请写区间，例如 (3..5)，或写 ? > 3 and ? < 5。"
    ),
    "Write alternatives with a comma, such as < 3, > 5.": "多个可选条件用逗号隔开，例如 < 3, > 5。",
    "Write the text without ${ and }.": "请去掉 ${ 和 }。",
    "Write the text without #{ and }.": "请去掉 #{ 和 }。",
    "Write the expression in FEEL.": "请用 FEEL 写这个表达式。",
    "An expression is one value; a context {a: 1, b: 2} holds several.": (
        "一个表达式只有一个值；多个值请写成上下文 {a: 1, b: 2}。"
    ),
    "Draw the requirement to it.": "请画出对它的需求（requirement）。",
    "Check that every bracket is closed.": "请检查括号是否都已闭合。",
    "Check the spelling of the variable.": "请检查变量名的拼写。",
    "There is one closing bracket too many, or its opening one is missing.": "右括号多了一个，或者少了左括号。",
    "For a choice, write if … then … else ….": "二选一请写 if … then … else …。",
    "Where it reads data, name the data, such as order.amount; where it does something, bind an operation to a "
    "service task.": ("读取数据时请直接写出数据，例如 order.amount；执行动作时请为服务任务绑定操作。"),
}
"""English sentence → Chinese sentence; `{}` stands for what was said of this case, in the same order."""

WORDS: Final[dict[str, str]] = {
    "null": "空值", "boolean": "布尔值", "number": "数字", "string": "字符串", "list": "列表", "context": "上下文",
    "date": "日期", "time": "时间", "date and time": "日期时间", "days and time duration": "天时时长",
    "years and months duration": "年月时长", "duration": "时长", "range": "区间", "function": "函数",
    "point": "可比较的值", "unknown": "未知类型", "any": "任意", "Any": "任意", "Addition": "加法", "Subtraction": "减法",
    "Multiplication": "乘法", "Division": "除法", "Exponentiation": "乘方", "Negation": "取负",
    "Date arithmetic": "日期运算", "A comparison": "比较", "A range": "区间",
    "An iteration from one end to another": "从一端到另一端的循环", "The function": "该函数",
    "The duration": "时长", "a value": "一个值", "a name": "名称", "a type": "类型", "a simpler type": "更简单的类型",
    "the name of an argument": "参数名", "the name of an entry and a colon": "项的名称和冒号",
    'a date, time or duration in quotes, such as @"2026-01-31"': "加引号的日期、时间或时长，例如 @\"2026-01-31\"",
}  # fmt: skip
"""What may stand in a hole and is no name of the author's."""

CODES: Final[dict[str, str]] = {
    "unknown-name": "名称不存在",
    "missing-entry": "没有这一项",
    "no-item": "列表中没有这一项",
    "null-operand": "遇到空值",
    "type-mismatch": "类型不符",
    "function-error": "函数没有结果",
    "hit-policy": "命中策略不符",
    "limit": "计算已停止",
}
"""A warning's code, in two to six characters."""


def chinese(sentence: str) -> str | None:
    """The Chinese of a sentence this package says, or None where it is not known (a host function's own words)."""
    if not sentence or len(sentence) > LONGEST:
        return None
    if exact := SENTENCES.get(sentence):
        return exact
    for pattern, said in _patterns():
        found = pattern.fullmatch(sentence)
        if found:
            holes = iter(found.groups())
            return "".join(_hole(next(holes), part) if part in _HOLES else part for part in said)
    return None


def of_warning(code: str, message: str) -> str:
    """The Chinese of a warning; one whose words are not known is named by its code and quoted."""
    return chinese(message) or f"{CODES.get(code, '警告')}：{message}"


def of_hint(hint: str) -> str:
    """The Chinese of a hint, or the hint itself."""
    return chinese(hint) or hint


def of_word(text: str) -> str:
    """The Chinese of what fills a hole, or the text itself: a word, a sentence, a sign in quotes, or several with "or"."""
    if known := WORDS.get(text) or chinese(text):
        return known
    parts = _OR.split(text)
    if len(parts) > 1:
        return " 或 ".join(map(of_word, parts)).replace("” 或 “", "”或“")
    return f"“{text[1:-1]}”" if len(text) > 2 and text[0] == text[-1] == '"' else text


_OR: Final = re.compile(r'(?<=[)"]) or (?=["\w])')
"""Between two signs in quotes, or two forms of a function; `a or b` is FEEL."""
_HOLES: Final = ("{}", "“{}”", '"{}"', "{}()")


def _hole(text: str, hole: str) -> str:
    """What fills a hole: a name of the author's or of a function stays, everything else is said in Chinese."""
    if hole != "{}":
        return hole.replace("{}", text)
    return of_word(text)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    """The sentences with holes, those with the most words of their own first: "{}: {}." would match nearly all."""
    holed = [english for english in SENTENCES if "{}" in english]
    holed.sort(key=lambda english: -len(english.replace("{}", "")))
    return tuple(
        (
            re.compile("(.+?)".join(re.escape(part) for part in english.split("{}")), re.DOTALL),
            tuple(re.split(r"""(“\{\}”|"\{\}"|\{\}\(\)|\{\})""", SENTENCES[english])),
        )
        for english in holed
    )
