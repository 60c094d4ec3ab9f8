"""Reads authors' BPMN (the Camunda 7 dialect) and compiles it to a checked model the engine can run."""
