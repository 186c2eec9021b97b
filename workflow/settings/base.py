"""Types of values, and the base of all configuration."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

# Strict: `true` would be 1, "8" would be 8.
PositiveInt = Annotated[int, Field(gt=0, strict=True)]
NonNegativeInt = Annotated[int, Field(ge=0, strict=True)]
Width = Annotated[int, Field(gt=0, le=65_536, strict=True)]  # of layers and tables; no machine holds larger ones
Units = tuple[Width, ...]
Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]
NonNegative = Annotated[float, Field(ge=0.0)]
Positive = Annotated[float, Field(gt=0.0)]
Ssem = Literal["Share", "SER", "GM", "MoE"]
Dfm = Literal["Sum", "WSF", "VF", "CF", "MoEF"]


class Frozen(BaseModel):
    """Base of all configuration: immutable, unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
