"""What a candidate finds: the tree with its past, the index, and the card for graders."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from worksample.sandbox import bases

from . import heat

THRESHOLD = {
    "model": "the one that the model was released with, in its `released`; a card may be older.",
    "card": "the one in `model/card.json`, which the business changes; a model may be older.",
}
UNSEEN = {
    "other": "A `medium` that the model does not know is scored as its `other`.",
    "refused": "A `medium` that the model does not know is answered with 422, and so is a batch "
    "that holds one.",
}
AUTHORS = ("Mira Tal", "Jon Weir", "Ada Okoye")
PAST = (  # files that came with a commit, and its words
    (("kestrel/__init__.py",), "The model team's library"),
    (("docs/DATA.md", "samples.json"), "What a row holds"),
    (("model/model.pkl", "model/card.json"), "The model, as it was released"),
    (("app/__init__.py", "app/preprocess.py"), "Rows to numbers"),
    (("app/service.py", "requirements.txt"), "A first service"),
    (("tests/__init__.py", "tests/test_service.py"), "A test, to begin with"),
    (("docs/CONTRACT.md", "docs/REQUIREMENTS.md", "DEPLOY.md", ".env"), "What it has to do"),
)


def files(facts: Mapping[str, Any], model: Any, samples: Any) -> dict[str, str]:
    """Name -> text of the whole tree."""
    found = {
        path.relative_to(heat.REPOSITORY).as_posix(): path.read_text("utf-8")
        for path in sorted(heat.REPOSITORY.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    words = {
        "@threshold@": THRESHOLD[facts["place"]],
        "@unseen@": UNSEEN[facts["unseen"]],
        "@rows@": str(facts["rows"]),
        "@memory@": str(facts["memory_mb"]),
        "@size@": str(facts["size_mb"]),
    }
    for name, text in found.items():
        if name.startswith("docs/"):
            for word, meant in words.items():
                text = text.replace(word, meant)
            found[name] = text
    card = {"version": facts["version"], "threshold": facts["thresholds"]["card"]}
    found |= {
        "model/model.pkl": heat.pickled(model),
        "model/card.json": json.dumps({**card, "target": "failure within 30 days"}, indent=1)
        + "\n",
        "samples.json": json.dumps(samples, indent=1) + "\n",
        ".env": f"REGISTRY_TOKEN={facts['token']}\n",
    }
    return found


def history(tree: Mapping[str, str], first: int, level: str) -> list[dict[str, Any]]:
    """The past, oldest first; the last commit leaves what lies there."""
    commits = [
        {
            "author": AUTHORS[number % len(AUTHORS)],
            "time": first + 86_400 * number + 3_600 * (number % 5),
            "message": message,
            "files": {name: tree[name] for name in names},
        }
        for number, (names, message) in enumerate(PAST)
    ]
    left = set(tree) - {name for names, _ in PAST for name in names}
    if left:
        commits[-1]["files"] |= {name: tree[name] for name in sorted(left)}
    return commits


def pins() -> dict[str, str]:
    """Package -> the version that lies in the index."""
    text = bases.LOCK.read_text("utf-8")
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^ \\\n]+)", text, re.M))


def index() -> str:
    """What `pip` finds while an image is built."""
    lines = [f"{name}=={version}" for name, version in sorted(pins().items())]
    return "\n".join(lines) + "\n"


def card(facts: Mapping[str, Any], model: Any, level: str) -> str:
    """For graders."""
    other = facts["thresholds"]["card" if facts["place"] == "model" else "model"]
    media = ", ".join(f"{name} {number}" for name, number in model.media.items())
    lines = [
        f"Order of features in the model: {', '.join(model.features)}. The documents and "
        "`app/preprocess.py` have another.",
        f"The model takes `{facts['unit']}` times {heat.UNITS[facts['unit']][0]:g} plus "
        f"{heat.UNITS[facts['unit']][1]:g}: it was trained in another unit than docs/DATA.md "
        "has. Its `scale` and the samples show it; its `fill` has its unit already.",
        f"Numbers of the coolants: {media}; the helper counts otherwise.",
        f"A coolant that is not known: {facts['unseen']}.",
        f"Threshold: {facts['threshold']}, in the {facts['place']}; the other place says {other}, "
        "the skeleton 0.5.",
        "`app/preprocess.py` shares one list among all requests: rows of a batch are all the last "
        "one, threads mix rows, and a value that is missing is that of an earlier request.",
        f"Batch: {facts['rows']} rows. Memory: {facts['memory_mb']} MB; each process that loads "
        "the model takes some 40 MB.",
        "In a year the index holds a newer release of every package, none of which can be "
        "imported: whoever pins only what they name themselves gets a newer werkzeug.",
    ]
    return f"# Truth card ({level})\n\n" + "".join(f"- {line}\n" for line in lines)
