"""Execution of students' code in processes that see nothing of the course."""
