"""Cases: opened from accepted enquiries, given to a case manager, led through their phases."""
