"""The clock register: which limit counts for whom, in versions."""
