"""Checking on the server what a person sent, against the same form-js schema the browser showed.

Entry points: `compile_form(schema)` and `FormCheck.check(answers, ...)`.
"""

from tasks.forms.check import OFFERED, AnswersRefused, FormCheck, compile_form
from tasks.forms.fields import PaperAnswer, Problem

__all__ = ["OFFERED", "AnswersRefused", "FormCheck", "PaperAnswer", "Problem", "compile_form"]
