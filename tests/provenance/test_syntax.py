"""A syntax tree's text against what Python 3.11 writes."""

import ast

from workflow.provenance.code import syntax_text

CODE = """
class A(B, c=1):
    def f(self, x: int = 2, *rest) -> None:
        return f"{x!r:>3} of {len(rest)}"

async def g():
    return []
"""
PYTHON_3_11 = (
    "Module([ClassDef('A', [Name('B', Load())], [keyword('c', Constant(1))], [FunctionDef('f', "
    "arguments([], [arg('self'), arg('x', Name('int', Load()))], arg('rest'), [], [], "
    "defaults=[Constant(2)]), [Return(JoinedStr([FormattedValue(Name('x', Load()), 114, "
    "JoinedStr([Constant('>3')])), Constant(' of '), FormattedValue(Call(Name('len', Load()), "
    "[Name('rest', Load())], []), -1)]))], [], Constant(None))], []), AsyncFunctionDef('g', arguments([],"
    " [], kwonlyargs=[], kw_defaults=[], defaults=[]), [Return(List([], Load()))], [])], [])"
)


def test_the_text_is_that_of_python_3_11() -> None:
    assert syntax_text(ast.parse(CODE)) == PYTHON_3_11
