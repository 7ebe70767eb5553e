"""The house rules that no linter knows. Each reads a source tree and yields what breaks it, as `path:line: what`.

Where a rule has to be broken, a comment on that line says which and why: `# house(sleep): there is no such event`.
(For a long file it stands anywhere in its first ten lines.)
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

Rule = Callable[[Path], Iterator[str]]

_OURS = ("services", "shared", "deploy", "tests")
_EXCUSE = re.compile(r"#\s*house\(([a-z-]+)\):\s*\S.{9,}")


@dataclass(frozen=True)
class Source:
    """One Python file; `path` is relative to the root of the tree."""

    path: str
    lines: tuple[str, ...]
    tree: ast.Module

    def excused(self, rule: str, where: ast.AST | int) -> bool:
        line = where if isinstance(where, int) else getattr(where, "lineno", 1)
        said = _EXCUSE.search(self.lines[line - 1])
        return said is not None and said.group(1) == rule

    def at(self, node: ast.AST, what: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)}: {what}"

    def within(self, *folders: str) -> bool:
        return self.path.startswith(tuple(f"{folder}/" for folder in folders))


@cache
def sources(root: Path) -> tuple[Source, ...]:
    """Every Python file of ours under a root, parsed once."""
    found = []
    for folder in _OURS:
        for file in sorted((root / folder).rglob("*.py")):
            text = file.read_text(encoding="utf-8")
            path = file.relative_to(root).as_posix()
            found.append(Source(path, tuple(text.splitlines()), ast.parse(text, path)))
    return tuple(found)


# ── size ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def long_files(root: Path) -> Iterator[str]:
    """No file is over 400 lines."""
    for source in sources(root):
        excused = any(source.excused("long-file", n + 1) for n in range(min(10, len(source.lines))))
        if len(source.lines) > 400 and not excused:
            yield f"{source.path}:1: {len(source.lines)} lines"


def long_functions(root: Path) -> Iterator[str]:
    """No function is over 70 lines."""
    for source in sources(root):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > 70 and not source.excused("long-function", node):
                    yield source.at(node, f"{node.name} has {length} lines")


# ── who may do what ────────────────────────────────────────────────────────────────────────────────────────────────


def publishing_elsewhere(root: Path) -> Iterator[str]:
    """Only shared/relay.py publishes: nothing is said that is not in a history first."""
    for source in sources(root):
        if not source.within("services", "shared") or source.path == "shared/relay.py":
            continue
        for node in ast.walk(source.tree):
            publishes = isinstance(node, ast.Attribute) and re.fullmatch(r"_?publish(er|_\w+)?", node.attr)
            if publishes and not source.excused("publish", node):
                yield source.at(node, f"reaches for {ast.unparse(node)}")


# shapely is mathematics; shared.command is the frozen form of what people ask, shared.periods counts months and days.
_PURE = (
    "pydantic",
    "shapely",
    "shared.calendar",
    "shared.caller",
    "shared.command",
    "shared.contracts",
    "shared.duration",
    "shared.entry",
    "shared.periods",
    "shared.problems",
)
_WORLDLY = re.compile(
    "asyncio|concurrent|ctypes|http|io|logging|multiprocessing|os|pathlib|random|secrets|select|shutil|signal|socket|"
    "ssl|subprocess|sys|tempfile|threading|time|urllib"
)
_CLOCKS = re.compile(r"(datetime|date)\.(now|utcnow|today)|uuid[124678]|uuid\.uuid[124678]")


def impure_domain(root: Path) -> Iterator[str]:
    """Rules know other rules, messages and frozen data: no clock, store, bus, log or chance."""
    for source in sources(root):
        if not re.match(r"services/\w+/domain(/|\.py)", source.path):
            continue
        own = ".".join(source.path.split("/")[:2]) + ".domain"
        for node in ast.walk(source.tree):
            strange = [module for module in _imported(node) if not _is_pure(module, own)]
            if strange:
                yield source.at(node, f"a rule imports {', '.join(strange)}")
            if isinstance(node, ast.Call) and _CLOCKS.fullmatch(ast.unparse(node.func)):
                yield source.at(node, f"a rule calls {ast.unparse(node.func)}")


def _is_pure(module: str, own: str) -> bool:
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names:
        return not _WORLDLY.fullmatch(top)
    return any(module == package or module.startswith(package + ".") for package in (own, *_PURE))


def undeclared_imports(root: Path) -> Iterator[str]:
    """What is imported is named in pyproject.toml, not merely there because something else needs it."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    running = _names(project["project"]["dependencies"])
    running |= _names(project["project"].get("optional-dependencies", {}).get("local", []))
    working = running | _names(project.get("dependency-groups", {}).get("dev", []))
    for source in sources(root):
        allowed = working if source.within("tests") else running
        for node in ast.walk(source.tree):
            for module in _imported(node):
                top = module.partition(".")[0]
                if top in sys.stdlib_module_names or top in _OURS:
                    continue
                if not allowed & _distributions(top) and not source.excused("undeclared", node):
                    yield source.at(node, f"{top} is not declared")


# ── names ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_BUSINESS = re.compile(
    "(order|whistle|pledge|claim|partner|intake|dispatch|evaluation|resident|household|grid|street|community|"
    "department|supervision|referral|deadlock)(s|es)?"
)
_ACCEPTED = frozenset({"order_id", "order_ids"})  # the one id that all lists share
# Who somebody is: the roles and scopes of a token are the names of the outside world, and a token has `claims`.
_IDENTITY = ("shared/caller.py", "shared/auth.py")


def business_nouns_in_shared(root: Path) -> Iterator[str]:
    """`shared` is mechanism: it names no thing of the business outside the contracts."""
    for source in sources(root):
        if not source.within("shared") or source.within("shared/contracts") or source.path in _IDENTITY:
            continue
        for node, name in _bound_names(source.tree):
            words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)]
            nouns = [word for word in words if _BUSINESS.fullmatch(word)]
            if nouns and name.strip("_") not in _ACCEPTED and not source.excused("noun", node):
                yield source.at(node, f"{name} speaks of {', '.join(nouns)}")


def misnamed_use_cases(root: Path) -> Iterator[str]:
    """One use case, one file: commands/x.py has the one public function x."""
    for source, name, public in _use_cases(root):
        if [node.name for node in public] != [name]:
            has = ", ".join(node.name for node in public) or "nothing"
            yield f"{source.path}:1: has {has} in public, not {name} alone"


def commands_that_decide_nothing(root: Path) -> Iterator[str]:
    """A use case that only loads, decides and saves is a rule: its route asks `decide` for it, and it has no file."""
    for source, _, public in _use_cases(root):
        for node in public:
            body = [one for one in node.body if not _is_doc(one)]
            awaited = [_awaited(one) for one in body]
            plain = awaited[:1] == ["load"] and awaited[-1:] == ["save"] and not any(awaited[1:-1])
            if plain or awaited == ["decide"]:
                yield source.at(node, f"{node.name} only loads, decides and saves")


def _is_doc(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _awaited(node: ast.stmt) -> str:
    """What a statement waits for: "load" of `entry = await orders.load(id, asked)`; "more" if that is not all of it."""
    value = getattr(node, "value", None)
    if isinstance(value, ast.Await) and isinstance(value.value, ast.Call):
        return ast.unparse(value.value.func).rpartition(".")[2]
    waits = any(isinstance(one, ast.Await | ast.AsyncWith | ast.AsyncFor) for one in ast.walk(node))
    return "more" if waits else ""


def _use_cases(root: Path) -> Iterator[tuple[Source, str, list[ast.FunctionDef | ast.AsyncFunctionDef]]]:
    """The files of all commands, the names of the files, and their public functions."""
    for source in sources(root):
        path = re.fullmatch(r"services/\w+/commands/(\w+)\.py", source.path)
        if path is None or path.group(1) == "__init__":
            continue
        public = [
            node
            for node in source.tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
        ]
        yield source, path.group(1), public


def unnamed_rooms(root: Path) -> Iterator[str]:
    """A subject is on the map, has a page that names its files, and one name: in rules, routes, views and tests."""
    plan = root / "ARCHITECTURE.md"
    plan_says = plan.read_text(encoding="utf-8") if plan.exists() else ""
    pages = {source.path: ast.get_docstring(source.tree) or "" for source in sources(root)}
    for source in sources(root):
        room = re.fullmatch(r"(services/\w+/domain/)(\w+/)(\w+)\.py", source.path)
        if room is not None and room.group(3) == "__init__" and source.path not in plan_says:
            yield f"{source.path}:1: the map in {plan.name} has no way to it"
        if room is not None and room.group(3) != "__init__":
            page = pages.get(f"{room.group(1)}{room.group(2)}__init__.py", "")
            of_all = pages.get(f"{room.group(1)}__init__.py", "")  # names what every room has
            if f"`{room.group(3)}`" not in page + of_all:
                yield f"{source.path}:1: the page of {room.group(2)[:-1]} does not name it"
        other = re.fullmatch(
            r"(?:services/(\w+)/(?:api|queries)|tests/unit/(\w+))/(\w+)/__init__\.py", source.path
        )
        if other is not None:
            service, subject = other.group(1) or other.group(2), other.group(3)
            if f"services/{service}/domain/__init__.py" in pages and (
                f"services/{service}/domain/{subject}/__init__.py" not in pages
            ):
                yield f"{source.path}:1: the rules have no subject {subject}"


# ── tests and locks ────────────────────────────────────────────────────────────────────────────────────────────────


_SLEEP = re.compile(r"((time|asyncio|anyio)\.)?sleep")


def sleeping_tests(root: Path) -> Iterator[str]:
    """A test waits for an outcome with a deadline; it does not sleep and hope."""
    for source in sources(root):
        if not source.within("tests"):
            continue
        for node in ast.walk(source.tree):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and _SLEEP.fullmatch(called) and not source.excused("sleep", node):
                yield source.at(node, f"calls {called}")


def loose_locks(root: Path) -> Iterator[str]:
    """The locks hold what pyproject.toml asks for, by hash, and do not say where it came from."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    run = project["project"]["dependencies"]
    dev = run + project["project"]["optional-dependencies"]["local"] + project["dependency-groups"]["dev"]
    for name, wanted in (("requirements/run.txt", run), ("requirements/dev.txt", dev)):
        text = (root / name).read_text(encoding="utf-8")
        for n, line in enumerate(text.splitlines(), start=1):
            if re.search(r"://|--index|--extra-index|--find-links|--trusted| @ |^-e|^/", line):
                yield f"{name}:{n}: names a place: {line.strip()}"
        locked: dict[str, list[Requirement]] = {}
        for block in re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^(\s*#|-).*\n?", "", text).strip()):
            one = Requirement(re.split(r"\s*\\\n", block)[0])
            locked.setdefault(canonicalize_name(one.name), []).append(one)
            if "--hash=sha256:" not in block:
                yield f"{name}:1: {one.name} has no hash"
        for line in wanted:
            asked = Requirement(line)
            pins = [
                next(iter(pin.specifier)).version for pin in locked.get(canonicalize_name(asked.name), [])
            ]
            if not pins or not all(asked.specifier.contains(pin) for pin in pins):
                yield f"{name}:1: {line} is not in it; run `make lock`"


# ── helpers ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        # `from shared import store` is an import of shared.store
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def _bound_names(tree: ast.Module) -> Iterator[tuple[ast.stmt | ast.expr | ast.arg, str]]:
    """Names that a file gives: to classes, functions, arguments and values."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, node.name
        elif isinstance(node, ast.arg):
            yield node, node.arg
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node, node.id if isinstance(node, ast.Name) else node.attr


def _names(requirements: list[str]) -> frozenset[str]:
    return frozenset(canonicalize_name(Requirement(line).name) for line in requirements)


@cache
def _installed() -> dict[str, frozenset[str]]:
    return {
        module: frozenset(canonicalize_name(name) for name in names)
        for module, names in packages_distributions().items()
    }


def _distributions(module: str) -> frozenset[str]:
    """The distributions that give a module; the module's own name when it is not installed."""
    return _installed().get(module, frozenset({canonicalize_name(module)}))


RULES: tuple[Rule, ...] = (
    long_files,
    long_functions,
    publishing_elsewhere,
    impure_domain,
    undeclared_imports,
    business_nouns_in_shared,
    misnamed_use_cases,
    commands_that_decide_nothing,
    unnamed_rooms,
    sleeping_tests,
    loose_locks,
)
