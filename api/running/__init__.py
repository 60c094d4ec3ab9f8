"""What the API shows of what runs: variables of instances, the list of instances, figures of a process by element."""
