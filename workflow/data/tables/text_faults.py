"""Which rows of a text table cannot be read: each kind of fault once, with its first line and its count."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workflow.data.tables.place import first_of
from workflow.errors import UserError

MAX_SCAN_BYTES = 64 << 20  # limit of the search for further faults


@dataclass
class Fault:
    """One kind of fault."""

    line: int  # of the first row that has it
    what: str
    remedy: str
    rows: int = 0


def faults_of(
    data: bytes, following: Iterator[bytes], separator: str, columns: int, file: str, first_line: int
) -> UserError:
    """Find the rows that cannot be read, in whole records and those that follow, up to `MAX_SCAN_BYTES`."""
    parts, size = [data], len(data)
    for part in following:
        parts.append(part)
        size += len(part)
        if size > MAX_SCAN_BYTES:
            break
    faults: dict[str, Fault] = {}
    text = _decoded(b"".join(parts), first_line, faults)
    _scan(text, separator, columns, first_line, faults)
    if not faults:
        return UserError(f"{file}: a row from line {first_line} on cannot be read; write the file again as CSV")
    return UserError("\n".join(_shown(file, fault) for fault in faults.values()))


def _shown(file: str, fault: Fault) -> str:
    return f"{file}: line {fault.line}: {fault.what}{first_of(fault.rows)}; {fault.remedy}"


def _decoded(data: bytes, first_line: int, faults: dict[str, Fault]) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        fault = Fault(
            first_line + data.count(b"\n", 0, error.start),
            f"bytes that are not UTF-8 ({error.reason})",
            "save the file as UTF-8",
        )
        text = data.decode(errors="surrogateescape")
        fault.rows = sum(1 for line in text.split("\n") if not line.isascii() and re.search("[\ud800-\udfff]", line))
        faults["utf-8"] = fault
        return text


def _scan(text: str, separator: str, columns: int, line: int, faults: dict[str, Fault]) -> None:
    """Go through the rows, value by value; behind a stray quote go on with the next line."""
    mark = re.escape(separator)
    if len(separator.encode()) == 1:
        value = re.compile(rf'(?:"(?:[^"]|"")*"|[^"\n{mark}]*)\r?({mark}|\n|\Z)')
    else:  # quotes are letters like others
        value = re.compile(rf"(?:(?!{mark})[^\n])*\r?({mark}|\n|\Z)")
    values, place, start = 0, 0, line
    while place < len(text) or values:
        found = value.match(text, place)
        if found is None:
            what = "a quote that is not closed, or in a value without quotes"
            _note(faults, "quote", start, what, "fix the row; within quotes a quote is written twice")
            end = text.find("\n", place)
            place = len(text) if end < 0 else end + 1
            line += end >= 0
            values, start = 0, line
            continue
        values += 1
        line += text.count("\n", place, found.end())
        place = found.end()
        if found[1] != separator:
            values = 0 if values == 1 and not found[0].strip() else values  # an empty line
            if values != columns:
                shape = "fewer" if values < columns else "more"
                _note(faults, shape, start, f"{values} values, but there are {columns} columns", "fix the row")
            values, start = 0, line


def _note(faults: dict[str, Fault], kind: str, line: int, what: str, remedy: str) -> None:
    faults.setdefault(kind, Fault(line, what, remedy)).rows += 1
