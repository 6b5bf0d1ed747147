"""English stands in traumer_live/app/texts and nowhere else in the studio."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import traumer_live.app

APP = Path(traumer_live.app.__file__).parent
TEXTS = APP / "texts"
SHOWN_BY = frozenset(  # functions whose first words somebody reads
    [
        "Button",
        "Card",
        "Step",
        "Words",
        "addAction",
        "label",
        "quiet_button",
        "say",
        "setAccessibleName",
        "setSuffix",
        "setText",
        "setTitle",
        "setToolTip",
        "setWindowTitle",
        "tell",
    ]
)
KEYS = frozenset(
    [
        "Ctrl+",
        "Ctrl+Z",
        "Down",
        "Enter",
        "Esc",
        "Left",
        "Return",
        "Right",
        "Shift+",
        "Shift+T",
        "Space",
        "Up",
    ]
)
NOT_ENGLISH = KEYS | {
    "Fusion",  # a style of Qt
    "GetAll", "GetNameOwner", "ListNames", "Metadata", "NameOwnerChanged", "PlaybackStatus",
    "Playing", "PropertiesChanged",  # D-Bus
    "PyQt6.QtOpenGLWidgets", "PyQt6.QtSvg",  # modules
    "mapping %Y-%m-%d %H.%M.%S",  # a file's name
    "no signal",  # a state of the engine's source, looked up
    "traumer-live rerender ", " --size 2160 --fps 60",  # a command
}  # fmt: skip
READS_AS_WORDS = re.compile(r"[^\W\d_]\S* \S*[^\W\d_]|^[A-Z][a-z]|^ +[^\W\d_]|[^\W\d_] +$")


def test_no_panel_has_words_of_its_own():
    stray = [
        f"{path.relative_to(APP)}:{line}: {words!r}"
        for path in sorted(APP.rglob("*.py"))
        if TEXTS not in path.parents
        for line, words in stray_words(path.read_text(encoding="utf-8"))
    ]
    assert not stray, "these belong into traumer_live/app/texts:\n" + "\n".join(stray)


def test_words_are_noticed_and_what_is_not_read_by_anybody_is_not():
    found = [words for _, words in stray_words(SAMPLE)]
    assert found == ["Open", "go on", "size ", "loud", "It is full."]


def test_every_text_is_said_by_somebody():
    said = Counter(
        word for path in APP.rglob("*.py") for word in re.findall(r"\w+", path.read_text("utf-8"))
    )
    unsaid = [
        f"{path.stem}.{name}"
        for path in sorted(TEXTS.glob("*.py"))
        for name in names_of(path)
        if said[name] < 2
    ]
    assert not unsaid


SAMPLE = '''
"""A module of Windows."""
def panel(name, size):
    """Makes a panel."""
    made = Button("Open", role="small")
    made.setToolTip("go on" if size else texts.STOP)
    made.setText(f"size {size:.1f}")
    made.setAccessibleName("loud")
    made.setProperty("role", "card")
    raise ValueError("It is full.")
'''


def stray_words(source: str) -> Iterator[tuple[int, str]]:
    """Line and literal of whatever somebody would read, in the order of the source."""
    tree = ast.parse(source)
    docstrings = {id(node.body[0].value) for node in ast.walk(tree) if begins_with_prose(node)}
    shown = {id(part) for call in ast.walk(tree) for part in first_words(call)}
    literals = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    for node in sorted(literals, key=lambda node: (node.lineno, node.col_offset)):
        is_read = READS_AS_WORDS.search(node.value) or (id(node) in shown and has_letters(node))
        if is_read and id(node) not in docstrings and node.value not in NOT_ENGLISH:
            yield node.lineno, node.value


def begins_with_prose(node: ast.AST) -> bool:
    if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) or not node.body:
        return False
    first = node.body[0]
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)


def first_words(call: ast.AST) -> Iterator[ast.AST]:
    """Literals in the first argument of a call that shows it, without those of calls inside."""
    if not isinstance(call, ast.Call) or not call.args:
        return
    name = getattr(call.func, "id", "") or getattr(call.func, "attr", "")
    left = [call.args[0]] if name in SHOWN_BY else []
    while left:
        node = left.pop()
        yield node
        if isinstance(node, ast.FormattedValue):
            left.append(node.value)  # and not how it is formatted
        elif isinstance(node, ast.IfExp):
            left += [node.body, node.orelse]
        elif not isinstance(node, (ast.Call, ast.Compare, ast.Subscript)):
            left += ast.iter_child_nodes(node)


def has_letters(node: ast.Constant) -> bool:
    return any(letter.isalpha() for letter in node.value)


def names_of(path: Path) -> Iterator[str]:
    """What a module of texts defines for others."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for name in ast.walk(target):
                    if isinstance(name, ast.Name):
                        yield name.id
