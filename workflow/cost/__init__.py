"""What runs cost: counted work, hours, memory, schedules, requests to a cluster."""
