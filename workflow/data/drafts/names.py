"""Names by which columns of click logs are known."""

import re

LABELS = (
    *("label", "click", "clicked", "is_click", "isclick", "clk", "target", "y", "is_clicked", "converted"),
    *("conversion", "like", "liked", "is_like", "buy", "bought", "purchase", "response", "rating", "stars"),
)
USERS = ("user", "user_id", "userid", "uid", "member", "member_id", "customer", "customer_id", "visitor", "msno")
TIMES = ("ts", "time", "timestamp", "datetime", "date", "event_time", "created_at", "time_stamp", "unix_time")


def is_named(name: str, known: tuple[str, ...]) -> bool:
    """Whether a column has one of the names, in any case, with spaces or dashes for underscores."""
    return re.sub(r"[\s-]+", "_", name.strip().lower()) in known
