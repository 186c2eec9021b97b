"""What a model asks of a machine, and what a machine gives: counts and rates, without torch."""

from pydantic import NonNegativeInt, PositiveFloat

from workflow.settings import Frozen


class Work(Frozen):
    """What a model asks of a machine: of each row, and of each step of the optimiser.

    `held_bytes` is what a row keeps in memory from the forward pass of a training step to its
    backward pass; the other bytes are of all tensors made, most of which live for a moment.
    `token_parameters` are those of one token of each field's vocabulary, `other_parameters` all
    that no vocabulary changes.
    """

    training_multiply_adds: NonNegativeInt
    training_bytes: NonNegativeInt
    multiply_adds: NonNegativeInt
    bytes: NonNegativeInt
    held_bytes: NonNegativeInt
    token_parameters: NonNegativeInt
    other_parameters: NonNegativeInt

    def parameters(self, tokens: int) -> int:
        """Of the model on data of so many tokens, over all fields."""
        return self.token_parameters * tokens + self.other_parameters


class Speed(Frozen):
    """What one process reaches on a machine that is left alone."""

    multiply_adds_per_s: PositiveFloat
    bytes_per_s: PositiveFloat
