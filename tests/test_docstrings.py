"""On the lower floors a docstring says the shape of what comes back, and what is raised."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("signals", "metrics", "models", "compression", "explanation")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).glob("*.py"))
SHAPE = re.compile(r"`((?![A-Z]{2})\w+_[A-Z]\w*|\(([^`]+,[^`]*)?\))`")
"""In backticks: a name with a shape suffix, `x_BCHW`, or a shape with its commas, `(B, 1, H, W)`; `()` for a number."""


class Public(NamedTuple):
    """A function or method that others may call, and the docstring of its class."""

    name: str
    node: ast.FunctionDef
    of_class: str

    @property
    def docstring(self) -> str:
        return ast.get_docstring(self.node) or ""


def public(node: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[Public]:
    """Every public function in `node`, and those methods that are called without being named."""
    doc = (isinstance(node, ast.ClassDef) and ast.get_docstring(node)) or ""
    for one in node.body:
        if isinstance(one, ast.ClassDef) and not one.name.startswith("_"):
            yield from public(one, f"{prefix}{one.name}.")
        elif isinstance(one, ast.FunctionDef) and (
            not one.name.startswith("_") or one.name in ("__init__", "__call__")
        ):
            yield Public(prefix + one.name, one, doc)


def returns_arrays(returns: ast.expr | None) -> bool:
    """Whether an annotation is an array, or a tuple, list or iterator with one in it."""
    match returns:
        case ast.Subscript(value=ast.Name(id="tuple" | "list" | "Iterator"), slice=inside):
            return any(map(returns_arrays, inside.elts if isinstance(inside, ast.Tuple) else [inside]))
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in ("Tensor", "ndarray")
    return False


def says_a_shape(docstring: str, arguments: set[str]) -> bool:
    """Whether a shape is in it that is not merely the name of an argument, or it says that the shape is the same."""
    return "the same shape" in docstring or any(found[1] not in arguments for found in SHAPE.finditer(docstring))


def raised(body: list[ast.stmt], caught: frozenset[str] = frozenset()) -> set[str]:
    """The errors that these statements raise by name and do not catch themselves."""
    found: set[str] = set()
    for node in body:
        match node:
            case ast.Raise(exc=ast.Call(func=ast.Name(id=name)) | ast.Name(id=name)):
                found |= {name} - caught
            case ast.Try():
                kinds = {n.id for h in node.handlers if h.type for n in ast.walk(h.type) if isinstance(n, ast.Name)}
                found |= raised(node.body, caught | kinds)
                for part in (*(h.body for h in node.handlers), node.orelse, node.finalbody):
                    found |= raised(part, caught)
            case ast.FunctionDef() | ast.ClassDef():
                pass
            case ast.Match():
                found |= raised([statement for case in node.cases for statement in case.body], caught)
            case _:
                found |= raised([*getattr(node, "body", []), *getattr(node, "orelse", [])], caught)
    return found - {"NotImplementedError"}


def unsaid_shapes(module: ast.Module) -> list[str]:
    """What to write where no shape is told; `forward` may leave it to its class."""
    return [
        f"line {f.node.lineno}, {f.name}: say what comes back with its shape, as “Logits `(B, classes)`.” or "
        "“`y_BT` in [-1, 1].”"
        for f in public(module)
        if returns_arrays(f.node.returns)
        and not says_a_shape(
            f.docstring + f.of_class * (f.node.name == "forward"),
            {argument.arg for argument in (*f.node.args.args, *f.node.args.kwonlyargs)},
        )
    ]


def unsaid_errors(module: ast.Module) -> list[str]:
    """What to write where an error is not told; a constructor may leave it to its class."""
    return [
        f"line {f.node.lineno}, {f.name}: say when it fails, as “{error} where there are fewer than three beats.”"
        for f in public(module)
        for error in sorted(raised(f.node.body))
        if error not in f.docstring + f.of_class * (f.node.name == "__init__")
    ]


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


IDS = [str(path.relative_to(ROOT)) for path in MODULES]


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_what_comes_back_has_a_shape(path: Path) -> None:
    assert not (unsaid := unsaid_shapes(parsed(path))), "\n".join([path.name, *unsaid])


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_what_is_raised_is_said(path: Path) -> None:
    assert not (unsaid := unsaid_errors(parsed(path))), "\n".join([path.name, *unsaid])


@pytest.mark.parametrize(
    ("signature", "docstring", "missing"),
    [
        ("def f(x_BT) -> Tensor", "The sum of `x_BT`.", True),
        ("def f(x_BT) -> Tensor", "The sum `(B,)`.", False),
        ("def f(x_BT) -> Tensor", "The sines, of the same shape.", False),
        ("def f(x_BT) -> tuple[Tensor, float]", "`y_BT`, louder, and by how much.", False),
        ("def f(x_BT) -> Iterator[np.ndarray]", "Piece by piece.", True),
        ("def f(x_BT) -> float", "The sum.", False),
        ("def _f(x_BT) -> Tensor", "The sum.", False),
    ],
)
def test_a_missing_shape_is_noticed(signature: str, docstring: str, missing: bool) -> None:
    assert bool(unsaid_shapes(ast.parse(f'{signature}:\n    """{docstring}"""'))) is missing


@pytest.mark.parametrize(
    ("body", "docstring", "missing"),
    [
        ("if x: raise ValueError('no')", "The sum.", True),
        ("if x: raise ValueError('no')", "The sum; ValueError where there is nothing to add.", False),
        ("try: raise KeyError\n    except KeyError: pass", "The sum.", False),
        ("try: return x\n    except KeyError: raise OSError from None", "The sum.", True),
        ("raise NotImplementedError", "The sum.", False),
    ],
)
def test_an_error_without_a_word_is_noticed(body: str, docstring: str, missing: bool) -> None:
    assert bool(unsaid_errors(ast.parse(f'def f(x):\n    """{docstring}"""\n    {body}'))) is missing
