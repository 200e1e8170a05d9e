"""What authors and companies begin with.

A new assignment, its preview and verification, a demo, a course.
"""
