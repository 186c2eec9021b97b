"""A syntax tree as text, the same on every version of Python: fingerprints hold wherever a record is read."""

import ast
import sys


def syntax_text(tree: ast.AST) -> str:
    """What `ast.dump(tree, annotate_fields=False)` writes on Python 3.11.

    Parameters
    ----------
    tree : ast.AST
        Of code without type parameters; it is changed where newer versions have a field for them.

    Returns
    -------
    str
        Newer versions add fields that are empty (3.12) and leave out those that are (3.13).
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not getattr(
            node, "type_params", True
        ):
            del node.type_params  # pyright: ignore[reportAttributeAccessIssue] # from 3.12 on
    empty = {"show_empty": True} if sys.version_info >= (3, 13) else {}
    return ast.dump(tree, annotate_fields=False, **empty)
