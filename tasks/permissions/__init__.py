"""Who may do what: the matrix of roles, verbs and states, and which cases somebody sees at all."""
