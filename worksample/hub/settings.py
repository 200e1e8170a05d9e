"""Settings of the candidates' servers: what an assessment does not need is off.

They lie in a folder that a sandbox sees and cannot write to. Jupyter ignores a folder that it
cannot read, without a word: a test asks a running server whether they have had an effect.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from worksample import disk

HOME = "/home/candidate"
INSIDE = "/opt/jupyter"  # where a sandbox sees them
EXTENSIONS = "/opt/labextensions"  # of JupyterLab: those of ours
PANEL = "@worksample/panel"
AUTOSAVE_SECONDS = 10
PROVISIONER = "worksample-hosted"

UNNEEDED = (
    *("jupyter_lsp", "notebook", "notebook_shim"),
    *("nbgrader.server_extensions.formgrader", "nbgrader.server_extensions.course_list"),
)
# a plug-in of another that is off fails at the start: those of the language server go with it
OFF = (
    "@jupyterlab/extensionmanager-extension",
    "@jupyterlab/apputils-extension:announcements",
    "@jupyterlab/lsp-extension",
    "@jupyterlab/fileeditor-extension:language-server",
    "@jupyterlab/notebook-extension:language-server",
    "@jupyterlab/docmanager-extension:share",
    "@jupyterlab/hub-extension:menu",  # stopping and other servers
    "@jupyterlab/hub-extension:connectionlost",  # a dialog in the way; the panel says it
    "@jupyter-notebook/lab-extension",  # a button that leads to Jupyter Notebook, which is off
    "@jupyter/nbgrader:formgrader",
    "@jupyter/nbgrader:course-list",
    "@jupyter/nbgrader:create-assignment",
)
TERMINAL = "@jupyterlab/terminal-extension"


def write(folder: Path, terminal: bool, secure: bool) -> None:
    """Write them, so that any user may read them; again changes nothing.

    Args:
        terminal: whether there are terminals.
        secure: whether browsers come by TLS.
    """
    files = {
        "jupyter_server_config.json": server(terminal, secure),
        "labconfig/page_config.json": {
            "disabledExtensions": dict.fromkeys((*OFF, *(() if terminal else (TERMINAL,))), True)
        },
        # what JupyterLab starts with; a candidate may choose otherwise
        "labconfig/default_setting_overrides.json": {
            "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": AUTOSAVE_SECONDS},
            "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
        },
        "nbgrader_config.json": NBGRADER,
        "migrated": "not to be migrated: the folder cannot be written to",
    }
    for name, content in files.items():
        disk.replace(folder / name, json.dumps(content, indent=1).encode())
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


NBGRADER = {
    "CourseDirectory": {"root": HOME},
    "Exchange": {"assignment_dir": HOME},
    "ExchangeFactory": {
        "list": "worksample.exchange.plugins.List",
        "fetch_assignment": "worksample.exchange.plugins.FetchAssignment",
        "submit": "worksample.exchange.plugins.Submit",
        "fetch_feedback": "worksample.exchange.plugins.FetchFeedback",
    },
}


def server(terminal: bool, secure: bool) -> dict[str, Any]:
    """``jupyter_server_config.json``."""
    unneeded = (*UNNEEDED, *(() if terminal else ("jupyter_server_terminals",)))
    return {
        "ServerApp": {
            "root_dir": HOME,
            "terminals_enabled": terminal,
            "jpserver_extensions": {
                **dict.fromkeys(unneeded, False),
                "worksample.hub.inside.panel": True,
            },
            # a shell gets none of the server's variables, the hub's token among them
            "terminado_settings": {"shell_command": SHELL},
            "log_level": 30,
            # JupyterHub marks its own cookies, and not this one
            "tornado_settings": {"xsrf_cookie_kwargs": {"secure": secure}},
        },
        "LabApp": {
            "news_url": None,
            "check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
            "extension_manager": "readonly",
            "extra_labextensions_path": [EXTENSIONS],
            "workspaces_dir": f"{HOME}/.lab/workspaces",
            "user_settings_dir": f"{HOME}/.lab/settings",
        },
        # what is deleted would go on taking room in the home, out of sight
        "FileContentsManager": {"delete_to_trash": False},
        "KernelManager": {"transport": "ipc"},
        "KernelProvisionerFactory": {"default_provisioner_name": PROVISIONER},
    }


SHELL = [
    *("/usr/bin/env", "-i", f"HOME={HOME}", "USER=candidate", "TERM=xterm-256color"),
    *("LANG=C.UTF-8", "PYTHONPATH=/opt/worksample", "/bin/bash", "-l"),
]
