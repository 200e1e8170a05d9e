"""Pages that people print or read: interview kits, the role, the candidate's guide, the statement.

Each is one file that holds all it needs: no script, no picture, font or style from elsewhere.
"""
