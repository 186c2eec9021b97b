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
NOT_IN_PARTS = ("name", "base")  # they say whose settings these are


def no_bool(value: Any) -> Any:
    """Refuse `true` where a number is meant: it would count as 1."""
    if isinstance(value, bool):
        raise ValueError(f"must not be {str(value).lower()}")
    return value


@dataclass(frozen=True)
class PartOf:
    """Marks a mapping whose keys are those of any of `classes`."""

    classes: tuple[type[BaseModel], ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check it as a mapping with these keys, none of them needed."""
        return handler.generate_schema(_typed_dict("Part", self._types()))

    def _types(self) -> dict[str, Any]:
        types: dict[str, Any] = {}
        for cls in self.classes:
            for name, info in cls.model_fields.items():
                if name not in NOT_IN_PARTS:
                    checks = info.metadata if info.annotation is bool else [BeforeValidator(no_bool), *info.metadata]
                    one = Annotated[(info.annotation, *checks)] if checks else info.annotation
                    types[name] = one if types.get(name, one) == one else types[name] | one
        return types


@dataclass(frozen=True)
class PartsByName:
    """Marks a mapping from the names of `classes` to a part of each."""

    classes: Mapping[str, type[BaseModel]]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check it as a mapping with these keys, none of them needed."""
        parts = {name: Annotated[Partial, PartOf((cls,))] for name, cls in self.classes.items()}
        return handler.generate_schema(_typed_dict("Parts", parts))

    def __hash__(self) -> int:
        return hash(tuple(self.classes))


def _typed_dict(name: str, types: dict[str, Any]) -> Any:
    made: Any = TypedDict(name, types, total=False)  # pyright: ignore[reportArgumentType,reportGeneralTypeIssues]
    made.__pydantic_config__ = ConfigDict(extra="forbid", allow_inf_nan=False)
    return made
