"""Runs any BPMN process durably. Knows no Flask, no marshmallow and no complaint."""
