"""Which strings of a floor say something in Chinese that is no half of a `Text`."""

import ast
import re

IDEOGRAPH = re.compile("[\u3400-\u9fff]")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def plain_chinese(folder, *, allowed=(), speakers=("Text",)):
    """Find Chinese words outside of docstrings that no `Text` says, and English halves that hold some.

    Parameters
    ----------
    folder
        Of a floor, folders within included.
    allowed
        Strings that may stand as they are, such as values that files hold.
    speakers
        Names of what takes the Chinese words first and the English second.

    Returns
    -------
    list of str
        file:line: string, sorted.
    """
    found = []
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        fine = {id(part) for node in ast.walk(tree) for part in _fine(node, speakers)}
        found += [
            f"{path.relative_to(folder)}:{node.lineno}: {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
            if IDEOGRAPH.search(node.value) and id(node) not in fine and node.value not in allowed
        ]
    return found


def _fine(node, speakers):
    """Give the parts of a node that may hold Chinese: docstrings, and what is said in Chinese."""
    if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
        yield node.body[0].value
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value  # words below a constant
    if isinstance(node, ast.Call) and _name(node.func) in speakers:
        said = [*node.args[:1], *(one.value for one in node.keywords if one.arg == "zh")]
        for words in said:
            yield from ast.walk(words)


def _name(function):
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
