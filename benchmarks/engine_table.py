"""From timed epochs to medians, ratios, verdicts on the aims, and a table."""

import statistics
from typing import Any

from rich.table import Table

PARTS = ("train_s", "eval_s")
AIM_OVER_FUXICTR = {"fp32": 2.0, "bf16": 4.0}
AIM_OVER_FLOOR = 2.0
QUIET_SHARE = 0.05
Samples = dict[str, dict[str, list[dict[str, float]]]]  # model, contestant → epochs


def summary(samples: Samples) -> dict[str, dict[str, dict[str, Any]]]:
    """Medians, ranges and ratios of each model and contestant, of `train_s`, `eval_s` and their sum `epoch_s`.

    Ratios are of medians, where the other side ran: `times_fuxictr` (FuxiCTR's time over this one's), `times_before`
    (the same for the form that the shipped runs were trained with) and `times_floor` (this one's over that of the
    floor of the same precision).
    """
    result: dict[str, dict[str, dict[str, Any]]] = {}
    for model, by_name in samples.items():
        spreads = {name: _spreads(epochs) for name, epochs in by_name.items() if epochs}
        result[model] = {name: _with_ratios(name, spreads) for name in spreads}
    return result


def _spreads(epochs: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    columns = {part: [epoch[part] for epoch in epochs] for part in (*PARTS, "gauc_s") if part in epochs[0]}
    columns["epoch_s"] = [sum(epoch[part] for part in PARTS) for epoch in epochs]
    columns["other_work"] = [epoch["other_work"] for epoch in epochs]
    return {
        part: {"median": statistics.median(values), "lowest": min(values), "highest": max(values)}
        for part, values in columns.items()
    }


def _with_ratios(name: str, spreads: dict[str, dict[str, dict[str, float]]]) -> dict[str, Any]:
    own = spreads[name]
    floor = spreads.get(name.replace("ours", "floor")) if name.startswith("ours") else None
    result: dict[str, Any] = {part: dict(values) for part, values in own.items()}
    for part in (*PARTS, "epoch_s"):
        if "FuxiCTR" in spreads:
            result[part]["times_fuxictr"] = spreads["FuxiCTR"][part]["median"] / own[part]["median"]
        if "before fp32" in spreads and name == "ours fp32":
            result[part]["times_before"] = spreads["before fp32"][part]["median"] / own[part]["median"]
        if floor:
            result[part]["times_floor"] = own[part]["median"] / floor[part]["median"]
    return result


def table(results: dict[str, dict[str, dict[str, Any]]]) -> Table:
    """Table for the terminal: a row per model and contestant."""
    grid = Table(title="Seconds per epoch: median (lowest – highest)")
    for header in ("model", "contestant", "training", "evaluation"):
        grid.add_column(header)
    for header in ("faster than FuxiCTR", "faster than before", "over the floor"):
        grid.add_column(f"{header}\ntrain · eval · epoch", justify="right")
    grid.add_column("aims", justify="right")
    for model, by_name in results.items():
        for name, parts in by_name.items():
            grid.add_row(
                model,
                name,
                _spread_text(parts["train_s"]),
                _spread_text(parts["eval_s"]),
                _ratio_text(parts, "times_fuxictr"),
                _ratio_text(parts, "times_before"),
                _ratio_text(parts, "times_floor"),
                _aims_text(name, by_name),
            )
        grid.add_section()
    return grid


def _spread_text(values: dict[str, float]) -> str:
    return f"{values['median']:.2f} ({values['lowest']:.2f} – {values['highest']:.2f})"


def _ratio_text(parts: dict[str, Any], ratio: str) -> str:
    keys = (*PARTS, "epoch_s")
    return " · ".join(f"{parts[key][ratio]:.1f}×" for key in keys) if ratio in parts["epoch_s"] else ""


def _verdict(met: bool, by_name: dict[str, dict[str, Any]], *names: str) -> str:
    """`met` or `missed`, and neither where other work disturbed a side of the comparison."""
    if max(by_name[name]["other_work"]["highest"] for name in names) > QUIET_SHARE:
        return "disturbed"
    return "met" if met else "missed"


def _aims_text(name: str, by_name: dict[str, dict[str, Any]]) -> str:
    """Say of the training part whether each aim is met; evaluation has no matrix-product aim of its own."""
    if not name.startswith("ours"):
        return ""
    parts, aim = by_name[name], AIM_OVER_FUXICTR[name.removeprefix("ours ")]
    lines = []
    if "times_fuxictr" in parts["train_s"]:
        met = parts["train_s"]["times_fuxictr"] >= aim
        lines.append(f"{_verdict(met, by_name, name, 'FuxiCTR')}: {aim:.0f}× FuxiCTR")
    if "times_floor" in parts["train_s"]:
        met = parts["train_s"]["times_floor"] <= AIM_OVER_FLOOR
        lines.append(f"{_verdict(met, by_name, name, name.replace('ours', 'floor'))}: ≤ {AIM_OVER_FLOOR:.0f}× floor")
    return "\n".join(lines)


def other_work_text(samples: Samples) -> str:
    """How far the figures can be trusted."""
    shares = [epoch["other_work"] for by_name in samples.values() for epochs in by_name.values() for epoch in epochs]
    trust = "figures are sound" if max(shares) <= QUIET_SHARE else "not quiet: ratios are unreliable, run it again"
    return f"Other processes took {statistics.median(shares):.0%} of the cores (worst run {max(shares):.0%}): {trust}."
