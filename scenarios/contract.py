"""What every scenario is: parameters that explain themselves, and one pure function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from layers.county import County
from layers.source import Text
from scenarios.result import Result


class Params(BaseModel):
    """Parameters of a scenario: frozen, nothing unknown, every field with range, unit and titles.

    Fields are declared as
    `Annotated[float, Field(gt=0, le=10)] = param(4.5, zh="…", en="…", unit="km/h", source="…")`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Scenario:
    """One planning question.

    Parameters
    ----------
    title, question
        In both languages.
    measures
        Numbers of the policy's measures it serves.
    needs
        County layers without which it cannot run.
    uses
        County layers it uses when they are there; a missing one is named in the result.
    params
        The class of its parameters.
    run
        Pure function of county and parameters: no file, clock, environment or global random state.
    """

    title: Text
    question: Text
    measures: tuple[int, ...]
    needs: tuple[str, ...]
    params: type[Params]
    run: Callable[[County, Any], Result]
    uses: tuple[str, ...] = ()
