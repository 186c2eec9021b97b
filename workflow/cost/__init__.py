"""The cost of runs: counted work, hours, memory, schedules, requests to a cluster."""
