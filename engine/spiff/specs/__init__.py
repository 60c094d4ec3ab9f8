"""One class per kind of BPMN node: what happens when a token arrives, runs and leaves."""
