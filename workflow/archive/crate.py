"""The metadata of an archive for machines: RO-Crate, after the Workflow Run Crate profile.

The data are described with their terms and checksums; no row of them is in an archive.
"""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from rocrate.model import ContextEntity, DataEntity
from rocrate.rocrate import ROCrate

from workflow.archive.layout import (
    CAMPAIGN,
    CHOICES,
    CONFIGURATION,
    CRATE,
    OWN_MODELS,
    RECORDS,
    TIMING,
    WORKFLOW,
    Contents,
)
from workflow.data.store import Meta
from workflow.files import sha256_file, write_text
from workflow.plan.config import ROOT, DatasetConfig

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
LICENSE = "https://spdx.org/licenses/Apache-2.0"
FORMATS = {".json": "application/json", ".gz": "application/gzip", ".npz": "application/zip", ".zip": "application/zip"}
DESCRIPTIONS = {
    CAMPAIGN: "The campaign, as its configuration resolves: what was asked for",
    RECORDS: "Every finished run, a sealed JSON record a line: specification, metrics by epoch, provenance",
    OWN_MODELS: "Files of models of one's own, by SHA-256: their code, and what it opened",
    CONFIGURATION: "Datasets and experiments of the campaign that the project does not have",
    CHOICES: "What tuning chose: every candidate with its validation, and which of them go on",
    TIMING: "Training and inference times of Table VI",
}


def write_crate(folder: Path, files: Sequence[Path], contents: Contents) -> Path:
    """Write `ro-crate-metadata.json` over an archive's files; equal contents give equal bytes."""
    crate = ROCrate(version="1.1")  # which the profiles are based on
    started = sorted(record.provenance.started for record in contents.records.values())
    _describe(crate, contents, published=started[-1])
    entities = {
        path.name: crate.add_file(path, path.name, properties={**_file_properties(path), **_described(path.name)})
        for path in files
        if path.name != WORKFLOW
    }
    sources = [(config, contents.metas[spec.id]) for config, spec in contents.plan.sources if spec.id in contents.metas]
    run = {
        "name": f"Campaign {contents.campaign.campaign}",
        "description": "Training of every run that records.jsonl.gz holds, on the machines that its records name",
        "instrument": _workflow(crate, folder / WORKFLOW),
        "object": [entities[CAMPAIGN], *(_dataset(crate, config, meta) for config, meta in sources)],
        "result": [entity for name, entity in entities.items() if name != CAMPAIGN],
        "startTime": started[0],  # the end of a resumed run is not known
        "actionStatus": "http://schema.org/CompletedActionStatus",
        "agent": _entity(crate, "#authors", "Organization", {"name": _authors()}),
        "additionalProperty": _machines(crate, contents),
    }
    root = crate.root_dataset
    root["mentions"] = _entity(crate, "#campaign", "CreateAction", run)
    root["author"] = root["publisher"] = run["agent"]
    made, first = crate.metadata.generate(), {CRATE: 0, "./": 1}  # expected first by readers; the others by identity
    graph = sorted(made["@graph"], key=lambda entity: (first.get(entity["@id"], 2), entity["@id"]))
    write_text(folder / CRATE, json.dumps({"@context": made["@context"], "@graph": graph}, indent=1) + "\n")
    return folder / CRATE


def commit_in(content: bytes) -> str | None:
    """The commit at which an archive was exported, as its `ro-crate-metadata.json` states it; None without one.

    >>> commit_in(b'{"@graph": [{"@id": "Snakefile", "version": "' + b"a" * 40 + b'"}]}') == "a" * 40
    True
    """
    versions = [str(one.get("version", "")) for one in json.loads(content)["@graph"] if one.get("@id") == WORKFLOW]
    return next((one for one in versions if re.fullmatch(r"[0-9a-f]{40}", one)), None)


def _describe(crate: ROCrate, contents: Contents, published: str) -> None:
    """Describe the archive as a whole, its terms, and the profiles that it conforms to."""
    root = crate.root_dataset
    root["name"] = f"tf4ctr-audit: runs of campaign {contents.campaign.campaign}"
    root["description"] = (
        f"{len(contents.records)} training runs that re-run the paper TF4CTR (arXiv 2405.03167), with their metrics "
        "and what its test set leaves uncertain. No row of a dataset is in it."
    )
    root["datePublished"] = published
    root["license"] = _entity(crate, LICENSE, "CreativeWork", {"name": "Apache License 2.0"})
    root["conformsTo"] = [
        _entity(crate, uri, "CreativeWork", {"name": name, "version": uri.rpartition("/")[2]})
        for uri, name in PROFILES.items()
    ]


def _machines(crate: ROCrate, contents: Contents) -> list[ContextEntity]:
    """The kinds of machine that trained the runs: processor, cores, and the vector instructions that torch used."""
    found = []
    counts = Counter(record.provenance.hardware for record in contents.records.values())
    for number, (kind, runs) in enumerate(sorted(counts.items()), start=1):
        values = {"value": kind, "description": f"{runs} runs"}
        found.append(_entity(crate, f"#machine-{number}", "PropertyValue", {"name": "machine", **values}))
    return found


def commit() -> str | None:
    """The commit of this checkout, followed by "+changes" if its code was edited; None if git does not know.

    A project installed into a virtual environment often lies in the repository of another project, whose commit is not
    ours; git then prints the folder, too.
    """
    found = _git("rev-parse", "--show-prefix", "HEAD")
    if found is None or len(found.split()) != 1:
        return None
    changes = _git("status", "--porcelain", "--", "models", "workflow")
    return f"{found}{'+changes' if changes else ''}"


def _git(*arguments: str) -> str | None:
    try:
        command = ["git", "--no-optional-locks", *arguments]  # if killed here, it would leave the user's index locked
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    return ended.stdout.strip()


def _authors() -> str:
    """Who is to be cited."""
    return yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["authors"][0]["name"]


def _entity(crate: ROCrate, identity: str, kind: str, properties: Mapping[str, Any]) -> ContextEntity:
    given = {name: value for name, value in properties.items() if value}
    return crate.add(ContextEntity(crate, identity, properties={"@type": kind, **given}))  # pyright: ignore[reportReturnType]


def _file_properties(path: Path) -> dict[str, str]:
    return {"name": path.name, "contentSize": str(path.stat().st_size), "sha256": sha256_file(path)}


def _described(name: str) -> dict[str, str]:
    """The content and format of an archive's file."""
    if name.startswith(("user_sums-", "pair_sums-")):
        whose = "run" if name.startswith("user") else "pair of runs, of their mean logit,"
        said = f"Per {whose} and user of the test split: rows of each class, sums of DeLong placements, AUC"
    else:
        said = DESCRIPTIONS.get(name, "What the runs' data were prepared from, and how; no row of them")
    return {"description": said, "encodingFormat": FORMATS[Path(name).suffix]}


def _workflow(crate: ROCrate, path: Path) -> DataEntity:
    properties = {
        "encodingFormat": "text/plain",
        "description": "The workflow's targets; its rules are in the repository that has this file",
        "version": commit(),
    }
    given = {**_file_properties(path), **{name: value for name, value in properties.items() if value}}
    return crate.add_workflow(path, path.name, main=True, lang="snakemake", properties=given)  # pyright: ignore[reportReturnType]


def _dataset(crate: ROCrate, config: DatasetConfig, meta: Meta) -> ContextEntity:
    """The source of a dataset, its terms, and the checksums of the bytes that were read."""
    checksums = [
        _entity(crate, f"#{raw.name}", "PropertyValue", {"name": f"SHA-256 of {raw.name}", "value": raw.sha256})
        for raw in meta.raw
    ]
    properties = {
        "name": config.title,
        "description": meta.origin_note,
        "url": {"@id": config.source.homepage} if config.source.homepage else None,
        "conditionsOfAccess": config.source.terms,
        "identifier": checksums,
    }
    return _entity(crate, f"#data-{config.name}", "CreativeWork", properties)
