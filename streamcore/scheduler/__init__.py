"""From jobs to tasks: stages, slots, worker processes, retries, and the record of what happened."""
