"""What every question must hold, as functions: the tests and `jingning validate` ask the same.

A check takes a question on trial (`trial.Trial`, on the synthetic county) and gives a problem for
each thing that is not as it must be: where, what was found, what is expected, and what to do.

- Of itself (`declared`): a docstring and a Chinese abstract with method and limits, titles, the
  measures it serves, layers of the catalog, parameters with titles, unit, range and source, whose
  defaults are taken back from JSON and whose ranges accept their ends.
- In its answer (`answered`): ids of their own; layers with titles and sources, valid, in the
  county's CRS, with a unique index, a title for each code; figures that are finite and have a unit;
  claims and edits that fit; what is missing named; both languages, never mixed; two to five
  sentences; who approves.
- Run again (`repeated`): the county unchanged; exactly the layers it declares; twice the same
  files; the same when saved and loaded; nothing that hangs on the order or the labels of rows; an
  answer at the ends of its ranges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from traceback import extract_tb
from types import MappingProxyType

import scenarios
from geo.errors import InputError, PlanningError, Problem, UsageError
from geo.words import Text
from scenarios.running.progress import Listener, listening
from scenarios.running.questions import answered, declared, repeated
from scenarios.running.questions.trial import Trial

Asked = Callable[[Trial], Iterator[Problem]]
DECLARED: Mapping[Asked, Text] = MappingProxyType(
    {
        declared.says_what_it_is: Text("题目与说明", "what it says it is"),
        declared.serves_measures: Text("举措", "measures"),
        declared.declares_layers: Text("声明的图层", "layers it declares"),
        declared.declares_parameters: Text("参数", "parameters"),
        declared.takes_its_own_values: Text("默认值", "defaults"),
        declared.accepts_the_ends: Text("取值范围", "ranges"),
    }
)
"""Checks that run nothing."""
ANSWERED: Mapping[Asked, Text] = MappingProxyType(
    {
        repeated.leaves_the_county_unchanged: Text("县域不变", "the county unchanged"),
        repeated.needs_what_it_declares: Text("读取的图层", "layers it reads"),
        answered.has_unique_ids: Text("编号", "ids"),
        answered.layers_are_whole: Text("结果图层", "layers of the result"),
        answered.tables_are_whole: Text("表格", "tables"),
        answered.figures_are_finite: Text("指标", "figures"),
        answered.points_at_its_features: Text("指标与图层对应", "features it points at"),
        answered.parts_name_alternatives: Text("各方案", "alternatives"),
        answered.claims_are_whole: Text("占用与改动", "claims and edits"),
        answered.answers_in_sentences: Text("结论", "the answer"),
        answered.approvals_have_an_approver: Text("需报批事项", "approvals"),
        answered.names_what_it_lacks: Text("缺少的图层", "layers that are missing"),
        answered.speaks_one_language_at_a_time: Text("双语", "both languages"),
        repeated.loaded_is_what_was_saved: Text("写出与读入", "saved and loaded"),
        repeated.twice_is_the_same: Text("再次运行", "run twice"),
        repeated.ignores_the_order_of_rows: Text("行的顺序", "the order of rows"),
        repeated.ignores_labels: Text("行的标签", "the labels of rows"),
        repeated.answers_at_some_ends: Text("范围两端", "ends of ranges"),
    }
)
"""Checks that stand on runs; the first of them makes the first run."""
CHECKS: Mapping[Asked, Text] = MappingProxyType({**DECLARED, **ANSWERED})


def check(name: str, *, tell: Listener = lambda _step, _share: None) -> list[Problem]:
    """Ask a question everything; give all that is not as it must be.

    Parameters
    ----------
    name
        What `scenarios.find` takes: a name, or the path of a .py file.
    tell
        Hears which check is at work, and the share of all that is done.

    Raises
    ------
    UsageError
        If there is no such question or file.
    """
    trial, file = Trial(name), name if scenarios.outside(name) else ""
    problems: list[Problem] = []
    try:
        scenarios.find(name)
    except UsageError:
        raise
    except Exception as error:  # noqa: BLE001 - a file may fail in any way while it is imported
        return list(fault(error, name))
    for number, (ask, title) in enumerate(CHECKS.items()):
        tell(title, number / len(CHECKS))
        with listening(_within(tell, title, number)):
            problems += _answered(ask, trial)
        if ask in ANSWERED and "first" not in vars(trial):
            break  # there is no answer that could be asked more
    return [replace(one, file=one.file or file) for one in dict.fromkeys(problems)]


def _within(tell: Listener, title: Text, number: int) -> Listener:
    """Hear how far the run of a check is, as a part of all checks."""
    return lambda _step, share: tell(title, (number + share) / len(CHECKS))


def _answered(ask: Asked, trial: Trial) -> Iterator[Problem]:
    """Ask one thing; a question that fails meanwhile has not answered it."""
    try:
        yield from ask(trial)
    except Exception as error:  # noqa: BLE001 - a question may fail in any way
        yield from fault(error, trial.name)


@contextmanager
def faults(name: str) -> Iterator[None]:
    """Tell in which line a question in a file of its own fails within; others fail as they do.

    Raises
    ------
    InputError
        Where it is no error that the toolkit raises on purpose.
    """
    try:
        yield
    except PlanningError:
        raise
    except Exception as error:
        if not scenarios.outside(name):
            raise
        words = Text(f"{name}：问题文件出错", f"{name}: the question fails")
        look = f"jingning validate {name}"
        remedy = Text(f"改正后再试；检查：{look}", f"mend it; all that is asked of it: {look}")
        problems = [replace(one, remedy=remedy) for one in fault(error, name)]
        raise InputError(words, problems=problems) from error


def fault(error: Exception, name: str) -> Iterator[Problem]:
    """Say in which line a question failed, and how."""
    place = str(Path(name).resolve())
    lines = [one.lineno for one in extract_tb(error.__traceback__) if one.filename == place]
    line = lines[-1] if lines else getattr(error, "lineno", None)
    file = f"{name}:{line}" if line else ""
    if isinstance(error, PlanningError):
        yield Problem(file, found=error.message)
        yield from error.problems
        return
    words = f"{type(error).__name__}: {error}"
    yield Problem(file, found=Text(f"出错：{words}", f"fails: {words}"))
