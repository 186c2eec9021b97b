"""Reading and checking users' input: YAML files, and mappings against their classes.

Every fault is one line with its place (file, line and column, or file and key), the fault, and
the remedy. A file is refused before anything that it could make too large is built from it.
"""

import csv
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from workflow.errors import UserError, nearest, shortened
from workflow.reading import in_one_line, regular_bytes, regular_head

MAX_BYTES = 1 << 20
MAX_NODES = 200_000  # nodes, with every alias written out
C_DEPTH = 7_000
MAX_FAULTS = 20  # in one message
MAX_DIGITS = 18  # such integers fit 64 bits
M = TypeVar("M", bound=BaseModel)

EXPONENT = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+\Z")  # a number, as YAML 1.2 and people have it


class _SafeLoader(yaml.SafeLoader):
    """Reads `1e-3` as a number; by YAML 1.1 only `1.0e-3` is one."""


class _CSafeLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # pyright: ignore[reportGeneralTypeIssues]
    """The same, in C."""


for _loader in (_SafeLoader, _CSafeLoader):
    _loader.add_implicit_resolver("tag:yaml.org,2002:float", EXPONENT, list("-+.0123456789"))

# -- reading --------------------------------------------------------------------------


def read_yaml(path: Path) -> Any:
    """Read a YAML (or JSON) file."""
    with in_one_line(path, "YAML", "correct the file"):
        return _value(path, _text(path))


def yaml_value(text: str) -> Any:
    """The value of a piece of YAML, such as an option's; for the errors see `read_yaml`."""
    with in_one_line(shortened(text), "YAML", "correct it"):
        return _SafeLoader(text).get_single_data()


def _value(path: Path, text: str) -> Any:
    """The value of a YAML text; a fault has its line."""
    try:
        loader, node = _parsed(text)
        if node is None:
            return None
        _weigh(node, {}, [])
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        why = " ".join((error.problem or error.context or "cannot be parsed").split())
        raise UserError(f"{path}: not valid YAML: {place}{why}; correct this line") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UserError(f"{path}: not valid YAML: line {line}: a control character; remove it") from error


def _text(path: Path) -> str:
    try:
        with in_one_line(path, "name", "name a YAML file"):
            content = regular_head(path, MAX_BYTES + 1)
    except FileNotFoundError as error:  # only then search for similar names
        raise UserError(f"{path}: no such file; {_beside(path)}") from error
    if len(content) > MAX_BYTES:
        raise UserError(f"{path}: larger than {MAX_BYTES >> 20} MiB, so it is not a configuration; name a YAML file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path}: line {line}: not UTF-8 ({error.reason}); save the file as UTF-8") from error


def _parsed(text: str) -> tuple[Any, yaml.Node | None]:
    """The text's node and what makes values of it.

    The loader in C is ten times faster. It has no guard against nesting, so it gets no text that
    could nest deeper than its stack; and its messages are worse, so faults are left to the other.
    A bracket opens a level at most; without one, a level stands further right than the one above
    it, or is a list at the column of its key.
    """
    depth = text.count("[") + text.count("{") + 2 * max(map(len, text.split("\n")))
    if hasattr(yaml, "CSafeLoader") and depth < C_DEPTH:
        with suppress(yaml.YAMLError):
            loader = _CSafeLoader(text)
            return loader, loader.get_single_node()
    loader = _SafeLoader(text)
    return loader, loader.get_single_node()


def _beside(path: Path) -> str:
    """Files with similar names."""
    if path.is_symlink():
        return "it is a broken link; correct the link"
    try:
        names = [file.name for file in path.parent.glob("*.yaml")]
    except OSError:
        names = []
    return nearest(path.name, names) if names else "name an existing file"


def _weigh(node: yaml.Node, weights: dict[int, int], above: list[yaml.Node]) -> int:
    """Nodes below `node`, aliases written out; a key named twice or an alias of itself is a fault."""
    if id(node) in weights:
        return weights[id(node)]
    if any(node is other for other in above):
        raise _fault_at(node, "an alias of itself; write it out")
    parts: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        _refuse_twice(node)
        parts = [part for pair in node.value for part in pair]
    elif isinstance(node, yaml.SequenceNode):
        parts = node.value
    elif node.tag == "tag:yaml.org,2002:int" and len(node.value.lstrip("+-")) > MAX_DIGITS:
        raise _fault_at(node, f"an integer of more than {MAX_DIGITS} digits")
    weight = 1 + sum(_weigh(part, weights, [*above, node]) for part in parts)
    if weight > MAX_NODES:
        raise _fault_at(node, "too large with its aliases written out")
    weights[id(node)] = weight
    return weight


def _refuse_twice(node: yaml.MappingNode) -> None:
    seen: dict[str, int] = {}
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _fault_at(key, "a key that is no text")
        if key.value in seen:
            raise _fault_at(key, f"key {shortened(key.value)!r} again, it is in line {seen[key.value]} already")
        seen[key.value] = key.start_mark.line + 1


def _fault_at(node: yaml.Node, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file that comes with the code, by its header's names; empty lines are left out."""
    remedy = f"restore it: git checkout -- {path}"
    rows = []
    with in_one_line(path, "table", remedy, f"{path}: no such file; {remedy}"):
        reader = csv.reader(regular_bytes(path).decode().splitlines())
        header = next(reader, [])
        for cells in filter(None, reader):
            if len(cells) != len(header):
                raise UserError(f"{path}: line {reader.line_num}: {len(cells)} cells, not {len(header)}; {remedy}")
            rows.append(dict(zip(header, cells, strict=True)))
    if not rows:
        raise UserError(f"{path}: has no row; {remedy}")
    return rows


# -- checking -------------------------------------------------------------------------


def validate(cls: type[M], values: Any, where: str) -> M:
    """Validate `values` as `cls`; every fault becomes one line that names file and key."""
    with in_one_line(where, "configuration", "correct it"):
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            faults = _independent(error.errors())
            lines = [f"{where}: {_fault(cls, fault)}" for fault in faults[:MAX_FAULTS]]
            more = [f"{where}: and {len(faults) - MAX_FAULTS} more"] if len(faults) > MAX_FAULTS else []
            raise UserError("\n".join([*lines, *more])) from error


def _independent(faults: Sequence[Any]) -> list[Any]:
    """Faults without those that follow from another.

    No message says that a list is empty where its only item is refused, or that text is no list where it may be either.
    """
    above = {fault["loc"][:depth] for fault in faults for depth in range(len(fault["loc"]))}
    return [
        fault
        for fault in faults
        if not any(str(part).startswith("tuple[") for part in fault["loc"])
        and not (fault["type"] == "too_short" and fault["loc"] in above)
    ]


BOUNDS = {  # what a number must be, by what pydantic calls the fault
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
WORDS = {  # pydantic's own messages use Python's types
    "string_type": "must be text; put it in quotes",
    "tuple_type": "must be a list, such as [a, b]",
    "dict_type": "must be a mapping, such as {key: value}",
    "model_type": "must be a mapping, such as {key: value}",
    "model_attributes_type": "must be a mapping, such as {key: value}",
    "missing": "is missing; set it",
    "too_short": "is empty; name at least one",
    "invalid_key": "keys must be text; put it in quotes",
}


def _fault(cls: type[BaseModel], fault: Any) -> str:
    loc = tuple(part for part in fault["loc"] if part != "[key]")
    if fault["type"] == "string_type" and loc[-1:] == ("str",):
        loc = loc[:-1]  # of what may be text or a list
    key = shortened(".".join(str(part) for part in loc))
    given = shortened(str(fault["input"]))
    if fault["type"] == "extra_forbidden":
        return f"{key}: unknown key; {nearest(str(loc[-1]), _keys_beside(cls, loc))}"
    if fault["type"] == "union_tag_invalid":
        expected = fault["ctx"]["expected_tags"].replace("'", "").split(", ")
        tag = str(fault["ctx"]["tag"])
        return f"{key}: no {tag!r}; {nearest(tag, expected)}"
    if fault["type"] == "literal_error" and isinstance(fault["input"], str):
        expected = fault["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return f"{key}: no {given!r}; {nearest(fault['input'], expected)}"
    if fault["type"] == "string_pattern_mismatch":
        return f"{key}: must match {fault['ctx']['pattern']} (given: {given}); config/README.md says what names may be"
    if fault["type"] in BOUNDS:
        bound, words = BOUNDS[fault["type"]]
        return f"{key}: must be {words} {fault['ctx'][bound]:,.10g} (given: {given}); correct it"
    words = WORDS.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    shown = "" if isinstance(fault["input"], dict | list | tuple) else f" (given: {given})"
    return f"{key}: {words}{shown}" if key else f"{words}{shown}"  # a check of the whole mapping names its key itself


def _keys_beside(cls: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """Keys that the mapping around `loc` knows, found in the JSON schema of `cls`."""
    schema = cls.model_json_schema()
    definitions = schema.get("$defs", {})
    nodes = _branches(schema, definitions)
    for part in loc[:-1]:
        found = [child for node in nodes for child in _children(node, part)]
        nodes = [branch for child in found for branch in _branches(child, definitions)]
    return sorted({key for node in nodes for key in node.get("properties", {})})


def _resolve(node: Any, definitions: dict[str, Any]) -> Any:
    return definitions[node["$ref"].rpartition("/")[2]] if "$ref" in node else node


def _branches(node: Any, definitions: dict[str, Any]) -> list[Any]:
    """What a node may be, references followed."""
    node = _resolve(node, definitions)
    return [_resolve(branch, definitions) for branch in node.get("anyOf", node.get("oneOf", [node]))]


def _children(node: Any, part: int | str) -> list[Any]:
    if isinstance(part, int):
        return [node["items"]] if "items" in node else []
    properties = node.get("properties", {})
    if part in properties:
        return [properties[part]]
    if properties.get("name", {}).get("const") == part:
        return [node]  # pydantic puts a union's tag into the location
    rest = node.get("additionalProperties")  # keys that the user chooses
    return [*node.get("patternProperties", {}).values(), *([rest] if isinstance(rest, dict) else [])]
