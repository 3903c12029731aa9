"""Calendars, rooms and bookings: the joint slot for client, case manager, interpreter and room."""
