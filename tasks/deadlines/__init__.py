"""What is due when: the register of time limits and the FEEL functions that read it."""
