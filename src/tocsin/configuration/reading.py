"""Files -> a draft of the configuration, or every mistake in them.

The only file of this folder that opens files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tocsin.configuration import checks
from tocsin.configuration.documents import document
from tocsin.configuration.mistakes import BadConfiguration, Mistake, Place
from tocsin.configuration.objects import Contents, Found, contents
from tocsin.configuration.outgoing_checks import closed_addresses
from tocsin.configuration.route_checks import costly_patterns
from tocsin.configuration.source import tree
from tocsin.configuration.sync_checks import sync_mistakes
from tocsin.ports.outgoing import Outgoing
from tocsin.ports.state import Document

#: Of the files in a folder, those that are read.
_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What the files say, well formed and whole, not yet applied."""

    #: By kind, and within a kind in the order of the files.
    documents: tuple[Document, ...]


def read(
    source: Path | Sequence[tuple[str, str]],
    *,
    environment: Mapping[str, str],
    channels: frozenset[str],
    protocols: frozenset[str],
    stored: Iterable[Document] = (),
    outgoing: Outgoing | None = None,
) -> Draft:
    """Read a file, a folder, or texts with the names they are to be called by.

    `environment` is where `${NAME}` is read from. `stored` is what is there already: the files may refer to those of
    its objects that stay when they are applied. `outgoing`: which addresses may be called from here.

    Raises:
        BadConfiguration: with all mistakes, in the order of files and lines.
    """
    texts = _texts(source) if isinstance(source, Path) else tuple(source)
    files = _files(texts, environment)
    objects = tuple(found for each in files for found in each.objects)
    staying = _staying(stored, objects)
    mistakes = [mistake for each in files for mistake in each.mistakes]
    for found in objects:
        mistakes += (*found.mistakes, *checks.within(found))
    mistakes += (*checks.twice(objects), *checks.same_key(objects, staying))
    mistakes += (*checks.apart(objects, staying), *checks.circles(objects, staying))
    mistakes += (*sync_mistakes(objects, staying), *costly_patterns(objects))
    mistakes += closed_addresses(objects, outgoing or Outgoing())
    if all(each.is_whole for each in files):
        known = _known(objects, staying) | {"channel": channels, "protocol": protocols}
        mistakes += checks.unknown(objects, known)
    if mistakes:
        raise BadConfiguration(_in_order(mistakes, [name for name, _ in texts]))
    return Draft(documents=tuple(_documents(objects)))


def _texts(path: Path) -> tuple[tuple[str, str], ...]:
    try:
        paths = _paths(path)
    except OSError as error:
        raise _unreadable(path, error) from None
    texts: list[tuple[str, str]] = []
    mistakes: list[Mistake] = []
    for each in paths:
        try:
            texts.append((str(each), each.read_bytes().decode()))
        except OSError as error:
            mistakes += _unreadable(each, error).mistakes
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            column = error.start - error.object.rfind(b"\n", 0, error.start)
            place = Place(file=str(each), line=line, column=column)
            mistakes.append(Mistake.at(place, "", "is not UTF-8", "save the file as UTF-8"))
    if mistakes:
        raise BadConfiguration(mistakes)
    return tuple(texts)


def _paths(path: Path) -> list[Path]:
    """The file itself, or those of a folder, without what is hidden and without folders in it."""
    if not path.is_dir():
        return [path]
    inside = sorted(path.iterdir())
    paths = [each for each in inside if each.suffix in _SUFFIXES and each.is_file() and not each.name.startswith(".")]
    if not paths:
        hint = f"files that end in {' or '.join(_SUFFIXES)}"
        raise BadConfiguration(
            [Mistake.at(Place(file=str(path)), "", "there is no configuration in this folder", hint)]
        )
    return paths


def _unreadable(path: Path, error: OSError) -> BadConfiguration:
    reason = (error.strerror or str(error)).lower()
    return BadConfiguration([Mistake.at(Place(file=str(path)), "", f"cannot be read: {reason}")])


def _files(texts: Iterable[tuple[str, str]], environment: Mapping[str, str]) -> list[Contents]:
    files: list[Contents] = []
    routes = 0
    for name, text in texts:
        files.append(contents(name, tree(name, text, environment), routes_before=routes))
        routes += sum(found.kind.name == "route" for found in files[-1].objects)
    return files


def _staying(stored: Iterable[Document], objects: Iterable[Found]) -> tuple[Document, ...]:
    """What is stored and neither written anew by the files nor deleted with them."""
    anew = {(found.kind.name, found.name) for found in objects}
    return tuple(kept for kept in stored if kept.origin == "api" and (kept.kind, kept.name) not in anew)


def _known(objects: Iterable[Found], staying: Iterable[Document]) -> dict[str, frozenset[str]]:
    """The names of each kind. Objects with mistakes count: who refers to them makes no further one."""
    names: dict[str, set[str]] = defaultdict(set)
    for found in objects:
        names[found.kind.name].add(found.name)
    for kept in staying:
        names[kept.kind].add(kept.name)
    return {kind: frozenset(found - {""}) for kind, found in names.items()}


def _in_order(mistakes: Iterable[Mistake], files: list[str]) -> list[Mistake]:
    rank = {name: number for number, name in enumerate(files)}
    unique = dict.fromkeys(mistakes)
    return sorted(unique, key=lambda mistake: (rank.get(mistake.file, -1), mistake.line, mistake.column))


def _documents(objects: Iterable[Found]) -> Iterator[Document]:
    routes = 0
    for found in objects:
        assert found.value is not None, "an object without mistakes has a value"
        if not found.value:
            continue  # settings that set nothing
        routes += found.kind.name == "route"
        position = routes if found.kind.name == "route" else None
        yield document(found.kind, found.value, origin="file", position=position)
