"""Parts of settings: some keys of a model, loss or optimizer, checked like the whole.

A part is a plain mapping that other mappings are laid over; a key that no whole would know is
a fault where it is written, and not only where a run would use it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema
from typing_extensions import TypedDict

Partial = dict[str, Any]
NOT_IN_PARTS = ("name", "base")  # which name the model, loss or optimizer


@dataclass(frozen=True)
class Keys:
    """Marks a mapping that is checked as one with these keys, none of them needed."""

    typed_dict: Any

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check it as the typed dictionary."""
        return handler.generate_schema(self.typed_dict)


def part_of(*classes: type[BaseModel]) -> Keys:
    """A mapping whose keys are those of any of `classes`."""
    types: dict[str, Any] = {}
    for cls in classes:
        for name, info in cls.model_fields.items():
            if name not in NOT_IN_PARTS:
                checks = info.metadata if info.annotation is bool else [BeforeValidator(no_bool), *info.metadata]
                one = Annotated[(info.annotation, *checks)] if checks else info.annotation
                types[name] = one if types.get(name, one) == one else types[name] | one
    return _keys("Part", types)


def parts_by_name(classes: Mapping[str, type[BaseModel]]) -> Keys:
    """A mapping from the names of `classes` to a part of each."""
    return _keys("Parts", {name: Annotated[Partial, part_of(cls)] for name, cls in classes.items()})


def no_bool(value: Any) -> Any:
    """Refuse `true` where a number is meant: it would count as 1."""
    if isinstance(value, bool):
        raise ValueError(f"must not be {str(value).lower()}")
    return value


def _keys(name: str, types: dict[str, Any]) -> Keys:
    made: Any = TypedDict(name, types, total=False)  # pyright: ignore[reportArgumentType,reportGeneralTypeIssues]
    made.__pydantic_config__ = ConfigDict(extra="forbid", allow_inf_nan=False)
    return Keys(made)
