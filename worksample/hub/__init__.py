"""Hosting: a JupyterHub whose servers are sandboxes. ``config`` puts it together.

Only :mod:`worksample.hub.inside` runs in a sandbox; everything else here is trusted.
"""
