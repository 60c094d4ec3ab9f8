"""Pages for staff, process owners, supervisors and operators: Jinja, htmx, and islands for diagrams and
forms.
"""
