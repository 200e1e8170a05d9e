"""Where candidate code runs.

Boxes and what starts them, what watches them, what speaks with them.
"""
