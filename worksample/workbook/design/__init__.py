"""Designs: read from YAML, drawn as they are written, and run.

What a candidate's kernel may import; the trusted side takes the same modules, so that a design is
judged by what its designer could try. Nothing here knows an assignment or a hidden world.
"""
