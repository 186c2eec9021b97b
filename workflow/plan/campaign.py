"""From a campaign to its run specifications: pure functions, where Snakemake meets Python.

A campaign names experiments, whose arms expand into cells (`workflow.plan.cells`). Runs are shared by
identity. Packs are the jobs: runs on one dataset that the same experiments need, or any runs on one
dataset, where starting a job costs more than it trains. However large a pack is, a single figure
asks it for the figure's own runs only.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from workflow.errors import UserError, nearest
from workflow.files import sha256_json
from workflow.plan.cells import Cell, dataset_spec, expand
from workflow.plan.config import CampaignConfig, DatasetConfig, ExperimentConfig, load_dataset, load_experiment
from workflow.plan.tuning import FINAL, FINALIST, TRIAL, Chosen, Round, Tuned, tuned, undecided
from workflow.spec import DatasetSpec, RunSpec, Twin

# In the order of training: what a choice rests on, what rests on none, and what choices name.
LEVELS = {TRIAL: 0, "": 1, FINALIST: 2, FINAL: 3}


@dataclass(frozen=True)
class Pack:
    """Runs on one dataset that one job trains."""

    runs: tuple[RunSpec, ...]

    @property
    def dataset(self) -> DatasetSpec:
        """All runs of a pack read the same arrays."""
        return self.runs[0].dataset

    @cached_property
    def name(self) -> str:
        """Stable, readable and unique: the dataset and a hash of the members."""
        return f"{self.dataset.name}-{sha256_json(sorted(run.key for run in self.runs))[:8]}"

    @property
    def records(self) -> list[Path]:
        """The files that hold its results."""
        return [run.record_path for run in self.runs]

    @cached_property
    def keys(self) -> frozenset[str]:
        """Keys of its runs."""
        return frozenset(run.key for run in self.runs)

    @property
    def manifest(self) -> str:
        """The file that is written last: once it exists, every record of the pack does."""
        return f"results/packs/{self.name}.json"


@dataclass(frozen=True)
class Plan:
    """A campaign, expanded; of tuned experiments as much as `chosen` knows."""

    campaign: CampaignConfig
    chosen: Chosen = undecided

    @property
    def resolved(self) -> Path:
        """The file of the campaign as Snakemake merged it, for its jobs and for the reader."""
        return Path("results/campaigns", f"{self.campaign.campaign}.json")

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Cells of all experiments, in the order of the configuration."""
        return tuple(cell for name in self.campaign.experiments for cell in self.cells_of(name))

    def cells_of(self, experiment: str) -> tuple[Cell, ...]:
        """Cells of one experiment on the campaign's datasets."""
        config = load_experiment(experiment)
        if config.timed:
            return ()
        if experiment not in self._expanded:
            if config.tuning:
                cells = [cell for model in self.tuned_of(experiment) for cell in model.cells]
            else:
                cells = [cell for name in self.datasets_of(config) for cell in expand(self.campaign, config, name)]
            self._expanded[experiment] = tuple(cells)
        return self._expanded[experiment]

    def tuned_of(self, experiment: str) -> tuple[Tuned, ...]:
        """Models of a tuned experiment, each on each of its datasets."""
        if experiment not in self._tuned:
            config = load_experiment(experiment)
            found = (tuned(self.campaign, config, name, self.chosen) for name in self.datasets_of(config))
            self._tuned[experiment] = tuple(model for models in found for model in models)
        return self._tuned[experiment]

    @cached_property
    def _tuned(self) -> dict[str, tuple[Tuned, ...]]:
        """Models by tuned experiment."""
        return {}

    @cached_property
    def tuned_experiments(self) -> tuple[str, ...]:
        """The campaign's experiments that are tuned."""
        return tuple(name for name in self.campaign.experiments if load_experiment(name).tuning)

    @cached_property
    def rounds(self) -> tuple[Round, ...]:
        """What is chosen, or to be chosen, from runs that are known."""
        models = (model for name in self.tuned_experiments for model in self.tuned_of(name))
        return tuple(one for model in models for one in model.rounds)

    def rounds_of(self, experiment: str, stage: str) -> tuple[Round, ...]:
        """The rounds of one stage of a tuned experiment, as far as they are known."""
        return tuple(one for one in self.rounds if (one.experiment, one.stage) == (experiment, stage))

    def candidates_of(self, experiment: str, stage: str) -> set[str]:
        """Keys of the runs that the choices of one stage are made from, as far as they are known."""
        return {key for one in self.rounds_of(experiment, stage) for key in one.keys}

    def chosen_alike(self, one: Round) -> tuple[int, ...] | None:
        """What is chosen here in the round of the same model and stage, for a plan under other limits."""
        same = next((own for own in self.rounds if own.place == one.place), None)
        return None if same is None else self.chosen(same)

    def choices_path(self, experiment: str, stage: str) -> str:
        """The file that is written last: every choice of a stage has been made."""
        return f"results/choices/{self.campaign.campaign}/{experiment}-{stage}.json"

    @cached_property
    def _expanded(self) -> dict[str, tuple[Cell, ...]]:
        """Cells by experiment, because Snakemake asks for each of them many times."""
        return {}

    def timed_cells_of(self, experiment: str) -> tuple[Cell, ...]:
        """Cells of an experiment that is timed, on its dataset or that dataset's twin."""
        config = load_experiment(experiment)
        return tuple(cell for name in config.datasets for cell in expand(self.timing_campaign, config, name))

    @cached_property
    def timing_campaign(self) -> CampaignConfig:
        """The campaign with the data that Table VI is timed on."""
        rows = self.campaign.timing.twin_rows
        twin = self.campaign.twin if rows is None else Twin(rows=rows)
        return self.campaign.model_copy(update={"twin": twin})

    @property
    def timing_path(self) -> Path:
        """Where the times of Table VI lie."""
        return Path("results/timings", f"{self.campaign.campaign}.json")

    @cached_property
    def timed(self) -> tuple[str, ...]:
        """The campaign's experiments that are timed."""
        return tuple(name for name in self.campaign.experiments if load_experiment(name).timed)

    def datasets_of(self, config: ExperimentConfig) -> list[str]:
        """The experiment's datasets that the campaign has, in the experiment's order."""
        kept = self.campaign.tuning.datasets if config.tuning else None
        here = [name for name in self.campaign.datasets if kept is None or name in kept]
        own = [name for name in config.datasets if name in here]
        rest = [name for name in here if name not in own]
        return own + rest if self.campaign.every_dataset and config.every_dataset else own

    @cached_property
    def runs(self) -> dict[str, tuple[RunSpec, frozenset[str]]]:
        """By run key: the run and the experiments that need it."""
        found: dict[str, tuple[RunSpec, set[str]]] = {}
        for cell in self.cells:
            for run in cell.runs:
                found.setdefault(run.key, (run, set()))[1].add(cell.experiment)
        return {key: (run, frozenset(names)) for key, (run, names) in found.items()}

    @cached_property
    def packs(self) -> tuple[Pack, ...]:
        """All jobs, in the order of training."""
        return self.packed(self.campaign.pack_size)

    def packed(self, size: int) -> tuple[Pack, ...]:
        """Packs of at most `size` runs, in the order of training.

        Runs are grouped by dataset, by what the campaign wants first, and, unless it says otherwise,
        by the experiments that need them. Runs that a choice has named are never with those that it rests on.
        """
        groups: dict[tuple[int, int, str, tuple[str, ...]], list[RunSpec]] = {}
        for key, (run, _) in self.runs.items():
            level, names = self._levels[key]
            needed_by = tuple(sorted(names)) if self.campaign.packs == "experiments" else ()
            groups.setdefault((self._turns[key], level, run.dataset.id, needed_by), []).append(run)
        ordered = [runs for _, runs in sorted(groups.items(), key=lambda group: group[0][:2])]
        return tuple(Pack(tuple(runs[at : at + size])) for runs in ordered for at in range(0, len(runs), size))

    @cached_property
    def priorities(self) -> dict[str, int]:
        """By pack: 0 for the job to start first, then downwards.

        As the order of training, but stages of tuning come early, because one waits for the other.
        """

        def place(pack: Pack) -> tuple[int, bool]:
            key = pack.runs[0].key
            return self._turns[key], self._levels[key][0] == LEVELS[""]

        return {pack.name: -at for at, pack in enumerate(sorted(self.packs, key=place))}

    @cached_property
    def _levels(self) -> dict[str, tuple[int, set[str]]]:
        """By run key: the first of `LEVELS` at which it is needed, and the experiments that need it there."""
        found: dict[str, tuple[int, set[str]]] = {}
        for cell in self.cells:
            level = LEVELS[cell.at["stage"] if cell.experiment in self.tuned_experiments else ""]
            for run in cell.runs:
                first, names = found.get(run.key, (level, set()))
                if level == first:
                    names.add(cell.experiment)
                found[run.key] = (level, {cell.experiment}) if level < first else (first, names)
        return found

    @cached_property
    def _turns(self) -> dict[str, int]:
        """By run key: the first entry of the campaign's `first` that one of its cells matches."""
        entries, found = self.campaign.first, dict.fromkeys(self.runs, len(self.campaign.first))
        for turn in reversed(range(len(entries))):
            matching = [cell for cell in self.cells if _matches(cell, entries[turn])]
            if not matching:
                raise UserError(f"campaign {self.campaign.campaign}: first.{turn}: {self._unmatched(entries[turn])}")
            found |= {run.key: turn for cell in matching for run in cell.runs}
        return found

    def _unmatched(self, entry: Mapping[str, str | tuple[str, ...]]) -> str:
        """Why no cell matches an entry of `first`."""
        for key, wanted in entry.items():
            known = {cell.at[key] for cell in self.cells if key in cell.at}
            names = (wanted,) if isinstance(wanted, str) else wanted
            if known.isdisjoint(names):
                return f"no cell has {key} {', '.join(map(repr, names))}; {nearest(names[0] if names else '', known)}"
        told = ", ".join(f"{key}: {wanted}" for key, wanted in entry.items())
        return f"no cell has all of {{{told}}}; see `at` in config/experiments"

    @cached_property
    def datasets(self) -> tuple[DatasetSpec, ...]:
        """The datasets to prepare."""
        return tuple(dataset_spec(load_dataset(name), self.campaign) for name in self.campaign.datasets)

    @cached_property
    def sources(self) -> tuple[tuple[DatasetConfig, DatasetSpec], ...]:
        """All data that the campaign may need: its datasets, then those that are only timed."""
        own = [(load_dataset(name), spec) for name, spec in zip(self.campaign.datasets, self.datasets, strict=True)]
        timed = [load_dataset(name) for experiment in self.timed for name in load_experiment(experiment).datasets]
        return (*own, *((config, dataset_spec(config, self.timing_campaign)) for config in timed))

    def keys_of(self, *experiments: str) -> frozenset[str]:
        """Keys of the runs that these experiments read."""
        return frozenset(run.key for name in experiments for cell in self.cells_of(name) for run in cell.runs)

    def manifests_of(self, *experiments: str) -> list[str]:
        """Manifests of the packs that hold what these experiments read."""
        return self.manifests_behind(self.keys_of(*experiments))

    def manifests_behind(self, keys: Collection[str]) -> list[str]:
        """Manifests of the packs that hold runs, by their keys."""
        return [pack.manifest for pack in self.packs if not pack.keys.isdisjoint(keys)]

    def metas_of(self, experiment: str) -> list[str]:
        """Descriptions of the prepared data of an experiment's datasets."""
        config = load_experiment(experiment)
        campaign = self.timing_campaign if config.timed else self.campaign
        names = config.datasets if config.timed else self.datasets_of(config)
        return [dataset_spec(load_dataset(name), campaign).meta_path for name in names]

    def pack(self, name: str) -> Pack:
        """The pack called `name`."""
        if name not in self._by_name:
            raise UserError(f"no pack {name!r} in campaign {self.campaign.campaign}; {nearest(name, self._by_name)}")
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, Pack]:
        """Packs by name, because Snakemake asks for each of them many times."""
        return {pack.name: pack for pack in self.packs}

    def prepared(self, dataset_id: str) -> tuple[DatasetConfig, DatasetSpec]:
        """The dataset whose prepared form has this identity."""
        for config, spec in self.sources:
            if spec.id == dataset_id:
                return config, spec
        raise UserError(f"no dataset {dataset_id!r} in campaign {self.campaign.campaign}")


def _matches(cell: Cell, entry: Mapping[str, str | tuple[str, ...]]) -> bool:
    return all(cell.at.get(key) in ((wanted,) if isinstance(wanted, str) else wanted) for key, wanted in entry.items())
