"""Put a skin on: on an author's folder, and on a case that was drawn.

A case is always drawn by the author's own folder, and dressed afterwards. So its truth is that of
the case without a skin, by construction. Everything after the draw (workbook, toolkit, probe,
checks, rubric, guide, reference solutions) comes from a dressed copy of the folder, which is an
assignment's folder like any other: nothing else has to know of skins.
"""

from __future__ import annotations

import ast
import csv
import functools
import hashlib
import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from worksample import disk
from worksample.assignments import reading as assignments
from worksample.assignments import skin as skins
from worksample.assignments.model import Assignment
from worksample.assignments.skin import Skin, WordTaken
from worksample.assignments.toml import place, read_text
from worksample.errors import AssignmentError, CaseError, together

if TYPE_CHECKING:
    from worksample.course import Course

TEXTS = (".py", ".toml", ".md", ".txt", ".json", ".csv", ".svg", ".html", ".yaml", ".yml")

_IGNORED = shutil.ignore_patterns("__pycache__", ".*", "*.pyc", skins.FOLDER)
_UNSEEN = ("solutions", "data")  # nobody reads these, so words may be left in them
_LETTER = re.compile(r"[^\W\d]")


def wear(course: Course, assignment: Assignment, name: str) -> Assignment:
    """The assignment in the skin ``name``; as it is where that is empty.

    The dressed folder lies in ``build/``, named by all that it is made of, and is made once.

    Raises:
        AssignmentError: there is no such skin, or it has a mistake.
    """
    if not name:
        return assignment
    skin = skins.load(assignment, name)
    kept = course.root / "build" / "skins" / f"{assignment.id}-{name}" / _digest(assignment.folder)
    if not kept.is_dir():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".dressing-", dir=kept.parent) as folder:
            dress(assignment, skin, Path(folder) / "new")
            try:
                os.rename(Path(folder) / "new", kept)
            except OSError:  # another process was first, with the same files
                if not kept.is_dir():
                    raise
    return assignments.load(kept / assignment.id)


def dress(assignment: Assignment, skin: Skin, into: Path) -> Assignment:
    """Write the dressed folder into the new folder ``into``, and load it.

    Raises:
        AssignmentError: every mistake of the skin, with file and line.
    """
    texts = _texts(assignment.folder)
    mistakes = list(_mistakes(assignment, skin, texts))
    if mistakes:
        raise together(mistakes)
    folder = into / assignment.id
    shutil.copytree(assignment.folder, folder, ignore=_IGNORED)
    try:
        dress_files(skin, folder)
    except WordTaken as taken:  # in a table's columns or values: texts were looked through
        raise _taken(skin, taken.args[0], "in a table of the folder") from None
    left = [*_changed_code(skin, texts), *_left(skin, assignment, folder)]
    if left:
        raise together(left)
    try:
        return assignments.load(folder)
    except AssignmentError as error:
        raise AssignmentError(
            f"with the skin {skin.name} on, the folder cannot be read: {error.what}",
            where=place(skin.path),
            do="leave alone what the format of the folder's files knows, such as points or cell",
        ) from error


def dress_case(skin: Skin, *folders: Path) -> None:
    """Dress the files of a drawn case, public and private, in place.

    Raises:
        CaseError: a word of the case is one that the skin gives, or one that should be gone.
    """
    for folder in folders:
        try:
            dress_files(skin, folder)
        except WordTaken as taken:
            raise CaseError(
                f'"{taken.args[0]}" stands in the case before it is dressed',
                where=place(skin.path, skin.given[taken.args[0]].line),
                do="choose another new word",
            ) from None
        for name, text in _texts(folder).items():
            for line, word in skin.left(text):
                raise CaseError(
                    f'"{word}" is left in {name}, line {line}, of the dressed case',
                    where=place(skin.path),
                    do="add a line for it, or take it out of `gone`",
                )


def dress_files(skin: Skin, folder: Path) -> None:
    """Dress every file below ``folder``: texts, tables, names; others stay as they are.

    Raises:
        WordTaken: a name that the skin gives stands in one of them already.
        CaseError: a file that should be text is not.
    """
    for path in sorted(folder.rglob("*"), reverse=True):  # what is in a folder before the folder
        if path.is_file() and path.suffix in TEXTS:
            text = _utf8(path)
            dressed = _csv(skin, text) if path.suffix == ".csv" else skin.dress(text)
            path.write_bytes(dressed.encode("utf-8"))
        elif path.is_file() and path.suffix == ".parquet":
            _parquet(skin, path)
        path.rename(path.with_name(skin.dress(path.name)))


def _utf8(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")  # not read_text: line ends stay as they are
    except UnicodeDecodeError as error:
        raise CaseError(
            f"{path.name} of the case is not UTF-8 text (byte {error.start})",
            do="a skin dresses text only: write it in UTF-8, or under another ending",
        ) from None


# -- tables -------------------------------------------------------------------------------------


def _csv(skin: Skin, text: str) -> str:
    """Cell by cell, so that a word with a comma does not make two of one."""
    known: dict[str, str] = {}
    stream = io.StringIO(newline="")
    ending = "\r\n" if "\r\n" in text else "\n"
    writer = csv.writer(stream, lineterminator=ending)
    for row in csv.reader(io.StringIO(text, newline="")):
        writer.writerow([_cell(skin, cell, known) for cell in row])
    return stream.getvalue()


def _cell(skin: Skin, cell: str, known: dict[str, str]) -> str:
    if not _LETTER.search(cell):
        return cell
    if cell not in known:
        known[cell] = skin.dress(cell)
    return known[cell]


def _parquet(skin: Skin, path: Path) -> None:
    """Columns, words in them and what pandas noted of them; numbers and types stay as they are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    notes = {
        key: skin.dress(value.decode("utf-8")).encode("utf-8")
        for key, value in (table.schema.metadata or {}).items()
    }
    columns = [_column(skin, column.combine_chunks()) for column in table.columns]
    fields = [
        pa.field(skin.dress(field.name), column.type, field.nullable)
        for field, column in zip(table.schema, columns, strict=True)
    ]
    pq.write_table(pa.table(columns, pa.schema(fields, notes or None)), path)


def _column(skin: Skin, column: Any) -> Any:
    """An Arrow array with its words dressed, nothing else changed."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        words = _column(skin, column.dictionary)
        return pa.DictionaryArray.from_arrays(column.indices, words, ordered=column.type.ordered)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    coded = column.dictionary_encode()
    words = [None if word is None else skin.dress(word) for word in coded.dictionary.to_pylist()]
    return pa.array(words, column.type).take(coded.indices)


# -- mistakes -----------------------------------------------------------------------------------


def _texts(folder: Path) -> dict[str, str]:
    """Relative name -> text of every text file, skins left out."""
    found = {}
    for name, path in disk.kept(folder).items():
        if path.suffix in TEXTS and name.split("/")[0] != skins.FOLDER:
            found[name] = read_text(path, "is dressed")
    return found


def _mistakes(
    assignment: Assignment, skin: Skin, texts: Mapping[str, str]
) -> Iterator[AssignmentError]:
    """What a skin gets wrong about this folder."""
    nodes = [node for name, text in texts.items() if name.endswith(".py") for node in _nodes(text)]
    known = set(_words_of_code(nodes))
    joined = "\n\n".join(_constants(nodes))
    used = {word for text in (*texts.values(), joined) for word in skin.found(text)}
    kept = _kept(assignment)
    for entry in skin.entries:
        if entry.old not in used:
            yield skins.mistake(
                skin, entry, "occurs nowhere", "remove the line, or correct its word"
            )
        elif entry.old in kept:
            said = f"names {kept[entry.old]}, and can't be changed"
            yield skins.mistake(skin, entry, said, "remove the line")
        elif not entry.is_name and entry.old in known:
            yield skins.mistake(skin, entry, "is a name in code too", "move it to [names]")
    for word in skin.given:
        if word in used:
            yield _taken(skin, word, _first(word, texts))


def _taken(skin: Skin, word: str, where: str) -> AssignmentError:
    said = f'becomes "{word}", which is used already ({where})'
    return skins.mistake(skin, skin.given[word], said, "choose another new word")


def _kept(assignment: Assignment) -> dict[str, str]:
    """Names that the gradebook, the evidence or this package know."""
    return {
        **dict.fromkeys(assignment.levels, "a level"),
        **dict.fromkeys(assignment.files, "a file"),
        **{solution.name: "a solution" for solution in assignment.solutions},
        **dict.fromkeys(assignment.answers, "an answer"),
        **{cell.id: "a cell" for cell in assignment.cells},
    }


def _first(word: str, texts: Mapping[str, str]) -> str:
    """Where a word stands first, as file and line."""
    whole = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    for name, text in texts.items():
        if match := whole.search(text):
            return f"{name}, line {text.count(chr(10), 0, match.start()) + 1}"
    return "in a string of several lines"


@functools.lru_cache(256)  # one folder's files, which are looked through more than once
def _nodes(text: str) -> tuple[ast.AST, ...]:
    """A file's syntax tree, node by node; nothing of what is no plain Python (a notebook may hold
    magics)."""
    try:
        return tuple(ast.walk(ast.parse(text)))
    except SyntaxError:
        return ()


def _constants(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Strings as the program has them, put together from their pieces."""
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _identifiers(node: ast.AST) -> Iterator[str]:
    """The names that a node itself holds, dotted ones in parts."""
    if isinstance(node, ast.Constant):
        return
    for _, value in ast.iter_fields(node):
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str):
                yield from each.split(".")


def _words_of_code(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Identifiers, and strings that could be one: keys, columns, values."""
    for node in nodes:
        yield from _identifiers(node)
    yield from (word for word in _constants(nodes) if word.isidentifier())


def _changed_code(skin: Skin, texts: Mapping[str, str]) -> Iterator[AssignmentError]:
    """Code that does something else when dressed: a phrase of prose that is code as well."""
    for name, text in texts.items():
        if not name.endswith(".py"):
            continue
        dressed = skin.dress(text)
        line = None if dressed == text else _difference(skin, text, dressed)
        if line is not None:
            yield AssignmentError(
                f"the skin {skin.name} changes what the code in {name} does, at line {line}",
                where=place(skin.path),
                do="make the phrase longer that hits this line, so that it fits prose only",
            )


def _difference(skin: Skin, before: str, text: str) -> int | None:
    """The line of a node that differs in more than names and words; None if none does."""
    nodes = _nodes(before)
    if len(nodes) <= 1:  # empty, or no plain Python
        return None
    try:
        others = list(ast.walk(ast.parse(text)))
    except SyntaxError as error:
        return error.lineno or 1
    line = 1
    for one, other in zip(nodes, others, strict=False):
        line = getattr(one, "lineno", line)
        if _meaning(one, skin.names) != _meaning(other, {}):
            return line
    return None if len(nodes) == len(others) else line


def _meaning(node: ast.AST, names: Mapping[str, str]) -> tuple[Any, ...]:
    """What a node says by itself, strings left out, in the names that become of its own."""
    value = getattr(node, "value", None) if isinstance(node, ast.Constant) else None
    number = None if isinstance(value, str) else value
    return type(node), number, [names.get(word, word) for word in _identifiers(node)]


def _left(skin: Skin, assignment: Assignment, folder: Path) -> Iterator[AssignmentError]:
    """Words that should be gone from what people read, each once, with its first place."""
    places: dict[str, list[str]] = {}
    for name, text in _texts(folder).items():
        for line, word in _read_by_people(skin, assignment, name, text):
            places.setdefault(word.lower(), []).append(place(assignment.folder / name, line))
    for word, found in places.items():
        more = f", and in {len(found) - 1} more places" if len(found) > 1 else ""
        yield AssignmentError(
            f'"{word}" is left when the skin {skin.name} is on{more}',
            where=found[0],
            do=f"add a line to {place(skin.path)}, or take the word out of `gone`",
        )


def _read_by_people(
    skin: Skin, assignment: Assignment, name: str, text: str
) -> Iterator[tuple[int, str]]:
    """Line and word that should be gone; of code that isn't shipped only its sentences count."""
    first = name.split("/")[0]
    if first in _UNSEEN:
        return
    if not name.endswith(".py") or first in (*assignment.files, "notebook.py"):
        yield from skin.left(text)
        return
    nodes = _nodes(text)
    documented = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if not isinstance(node, ast.Constant) or id(node) in documented:
            continue
        if isinstance(node.value, str) and " " in node.value:
            yield from ((node.lineno, word) for _, word in skin.left(node.value))


def _digest(folder: Path) -> str:
    """sha256 of all that a dressed folder is made of, this code among it."""
    total = hashlib.sha256(Path(__file__).read_bytes() + Path(skins.__file__).read_bytes())
    for name, path in disk.kept(folder).items():
        total.update(f"{name}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:24]
