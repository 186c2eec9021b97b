"""What a twin of each dataset looks like: columns, planted pairs, rate of positives.

Cardinalities and shares of missing values are those of the public data, rounded; a twin
of fewer rows has fewer values.
"""

from dataclasses import dataclass
from typing import Literal

from workflow.plan.config import DatasetConfig
from workflow.spec import FieldSpec, Preparation

Kind = Literal["id", "hex", "key", "word", "genres", "artist", "isrc", "age", "count"]


@dataclass(frozen=True)
class Column:
    """One raw column of a twin."""

    name: str
    cardinality: int
    kind: Kind = "id"
    skew: float = 2.0  # 1: all values alike; above: the first ones are frequent, with a long tail
    missing: float = 0.0
    effect: float = 1.0  # weight of its main effect
    words: tuple[str, ...] = ()
    separator: str = "|"  # of list columns


@dataclass(frozen=True)
class Schema:
    """A whole twin."""

    columns: tuple[Column, ...]
    pairs: tuple[tuple[str, str], ...]  # columns whose product moves the label
    positive_rate: float
    real_rows: int
    line_end: str = "\n"


# Made-up words, some with blanks and hyphens, as many as KKBox has.
TABS = ("my shelf", "find", "look up", "live", "with friends", "walk", "bell", "gear")
SCREENS = tuple(f"{place} {what}" for place in ("Near", "Far", "Disc", "Singer", "Find") for what in
                ("list more", "start", "waves", "special"))  # fmt: skip
TYPES = ("near-shelf", "near-list", "far-list", "live", "disc", "top-of-singer", "tune", "with-others", "theme",
         "singer", "my-day", "friend")  # fmt: skip

FRAPPE = Schema(
    columns=(
        Column("user", 957, skew=1.6),
        Column("item", 4082, skew=2.5),
        Column("daytime", 7, skew=1.3, effect=0.5),
        Column("weekday", 7, skew=1.0, effect=0.3),
        Column("isweekend", 2, skew=1.3, effect=0.2),
        Column("homework", 3, skew=3.0, effect=0.3),
        Column("cost", 2, skew=4.0, effect=0.3),
        Column("weather", 9, skew=2.0, effect=0.3),
        Column("country", 80, skew=2.5, effect=0.5),
        Column("city", 233, skew=3.0, effect=0.3),
    ),
    pairs=(("user", "item"), ("item", "daytime"), ("daytime", "weekday")),
    positive_rate=0.33,
    real_rows=288_609,
    line_end="\r\n",
)
ML_TAG = Schema(
    columns=(
        Column("user_id", 17_045, skew=2.5),
        Column("item_id", 23_743, skew=1.8),
        Column("tag_id", 49_657, skew=2.2),
    ),
    pairs=(("user_id", "item_id"), ("item_id", "tag_id")),
    positive_rate=0.33,
    real_rows=2_006_859,
    line_end="\r\n",
)
KKBOX = Schema(
    columns=(
        Column("msno", 30_755, "key", skew=1.8),
        Column("song_id", 359_966, "key", skew=3.0),
        Column("source_system_tab", len(TABS), "word", missing=0.003, words=TABS),
        Column("source_screen_name", len(SCREENS), "word", missing=0.06, words=SCREENS, effect=0.5),
        Column("source_type", len(TYPES), "word", missing=0.003, words=TYPES, effect=0.7),
        Column("city", 21, effect=0.3),
        Column("gender", 2, "word", skew=1.1, missing=0.4, words=("female", "male"), effect=0.2),
        Column("registered_via", 5, skew=1.5, effect=0.3),
        Column("language", 10, skew=2.0, missing=0.02, effect=0.5),
        Column("genre_ids", 573, "genres", skew=3.0, missing=0.02, effect=0.7),
        Column("artist_name", 40_583, "artist", skew=2.5, missing=0.02, effect=0.7),
        Column("isrc", 270_000, "isrc", skew=2.0, missing=0.08, effect=0.3),
        Column("bd", 80, "age", skew=1.2, effect=0.3),
    ),
    pairs=(("source_system_tab", "city"), ("genre_ids", "registered_via"), ("msno", "artist_name")),
    positive_rate=0.5035,
    real_rows=7_377_418,
)
ML_1M = Schema(
    columns=(
        Column("UserID", 6_040, skew=1.6),
        Column("Gender", 2, "word", skew=1.4, words=("M", "F"), effect=0.2),
        Column("Age", 7, "word", skew=1.3, words=("25", "35", "18", "45", "50", "56", "1"), effect=0.3),
        Column("Occupation", 21, skew=1.5, effect=0.3),
        Column("MovieID", 3_706, skew=2.0),
    ),
    pairs=(("UserID", "MovieID"), ("Gender", "MovieID"), ("Age", "Occupation")),
    positive_rate=0.575,
    real_rows=1_000_209,
)
# Public counts of distinct values, and shares of missing values, of the Criteo display-ads log.
_COUNT_MISSING = (0.45, 0, 0.21, 0.22, 0.03, 0.22, 0.04, 0.0005, 0.04, 0.45, 0.04, 0.77, 0.22)
_HEX = (1460, 583, 10_131_227, 2_202_608, 305, 24, 12_517, 633, 3, 93_145, 5_683, 8_351_593, 3_194, 27, 14_992,
        5_461_306, 10, 5_652, 2_173, 4, 7_046_547, 18, 15, 286_181, 105, 142_572)  # fmt: skip
_HEX_MISSING = {3: 0.03, 4: 0.03, 6: 0.12, 12: 0.03, 16: 0.03, 19: 0.44, 20: 0.44, 21: 0.03, 22: 0.76, 24: 0.03,
                25: 0.44, 26: 0.44}  # fmt: skip
CRITEO = Schema(
    columns=(
        *(Column(f"I{i}", 40, "count", missing=share, effect=0.6) for i, share in enumerate(_COUNT_MISSING, 1)),
        *(
            Column(f"C{i}", size, "hex", skew=3.0, missing=_HEX_MISSING.get(i, 0.0), effect=0.8 if size < 1000 else 0.4)
            for i, size in enumerate(_HEX, 1)
        ),
    ),
    pairs=(("C14", "C17"), ("C6", "C23"), ("C8", "I7"), ("C5", "C2")),
    positive_rate=0.256,
    real_rows=45_840_617,
)
SCHEMAS = {"frappe": FRAPPE, "ml-tag": ML_TAG, "kkbox": KKBOX, "ml-1m": ML_1M, "criteo": CRITEO}
_KINDS: dict[str, Kind] = {"country": "isrc", "age_bucket": "age"}
_KINDS |= dict.fromkeys(("squared_log", "quantiles", "standard", "log"), "count")
_DEFAULT_SIZES = (2000, 1000, 200, 50, 12, 6)


def schema_of(config: DatasetConfig, preparation: Preparation) -> Schema:
    """The schema of a dataset's twin; columns that it lacks are added from the field list."""
    known = SCHEMAS.get(config.name, Schema((), (), positive_rate=0.3, real_rows=100_000))
    names = [column.name for column in known.columns]
    added = [_default_column(field, place) for place, field in enumerate(preparation.fields) if field.name not in names]
    group = preparation.group
    if group is not None and group not in names + [column.name for column in added]:
        added.append(Column(group, 2000, skew=1.6))
    columns = (*known.columns, *added)
    pairs = known.pairs or tuple((a.name, b.name) for a, b in zip(columns[::2], columns[1::2], strict=False))
    return Schema(columns, pairs, known.positive_rate, known.real_rows, known.line_end)


def _default_column(field: FieldSpec, place: int) -> Column:
    size = _DEFAULT_SIZES[place % len(_DEFAULT_SIZES)]
    if field.list is not None:
        return Column(field.name, size, "genres", separator=field.list.separator)
    return Column(field.name, size, _KINDS.get(field.transform, "id"), missing=0.02)
