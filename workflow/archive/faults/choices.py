"""Whether what tuning chose is what validation supports."""

from collections.abc import Iterator

from workflow.archive.layout import CHOICES, Contents
from workflow.train.choice import Choice, follow


def choice_faults(contents: Contents) -> Iterator[str]:
    """Choices that the records do not give, and those that they give and the archive lacks or has otherwise.

    Every choice is made again from the validation metrics of the archive's own records.
    """
    _, supported = follow(contents.campaign, lambda run: contents.records.get(run.key))
    for identity, choice in contents.choices.items():
        where = f"{CHOICES}: {choice.dataset} {choice.model}, {choice.stage}"
        if identity not in supported:
            yield f"{where}: is a choice of no round of the campaign whose runs have finished"
        elif choice.candidates != supported[identity].candidates:
            yield f"{where}: names other candidates or validation metrics than the records"
        elif choice != supported[identity]:
            best = _named(supported[identity])
            yield f"{where}: chooses {_named(choice)}, validation supports {best}"
    for identity in supported.keys() - contents.choices.keys():
        choice = supported[identity]
        yield f"{CHOICES}: {choice.dataset} {choice.model}, {choice.stage}: the choice is missing"


def _named(choice: Choice) -> str:
    inside = (position for position in choice.chosen if position < len(choice.candidates))
    return " and ".join(choice.candidates[position].label for position in inside) or "nothing"
