"""Reads authors' BPMN (the Camunda 7 dialect) and compiles it to a checked model the engine can run."""

from engine.dialect.compiler import Compilation, compile_files
from engine.dialect.files import SourceFile
from engine.dialect.findings import Finding
from engine.dialect.model import ProcessModel
from engine.dialect.references import Known

__all__ = ["Compilation", "Finding", "Known", "ProcessModel", "SourceFile", "compile_files"]
