"""Numbers by name, with their ranges, for annotations of arguments and attributes."""

from typing import Annotated

from pydantic import Field

# No more of anything than 32 bits count, so that a slip ends in a line and not in an endless loop.
Count = Annotated[int, Field(strict=True, ge=1, lt=2**31)]
AtLeastZero = Annotated[int, Field(strict=True, ge=0, lt=2**31)]
AtLeastTwo = Annotated[int, Field(strict=True, ge=2, lt=2**31)]
AtLeastThree = Annotated[int, Field(strict=True, ge=3, le=10_000)]
GroupSize = Annotated[int, Field(strict=True, ge=3, le=20)]
YesOrNo = Annotated[bool, Field(strict=True)]
Start = Annotated[int, Field(strict=True, ge=0)]
Seed = Annotated[int, Field(strict=True, ge=0, lt=2**32)]
Probability = Annotated[float, Field(strict=True, ge=0, lt=1)]
PValue = Annotated[float, Field(strict=True, ge=0, le=1)]
OpenShare = Annotated[float, Field(strict=True, gt=0, lt=1)]
Inches = Annotated[float, Field(strict=True, gt=0, le=1000)]
Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Positive = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
