"""What the gate knows: the tables of BPMN elements and of extensions. Support grows here."""
