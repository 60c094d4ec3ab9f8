"""The one room that knows SpiffWorkflow.

Stock SpiffWorkflow gives the task tree, its states, specs and sub-workflows. Its prediction, per-task data copies,
joins, event sub-processes and serialiser do not scale or do not hold (see docs/adr/0002), so the specs in here
create a task only when a token arrives, keep variables once per scope and drop finished tasks.
"""
