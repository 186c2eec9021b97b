"""Carry out a Dockerfile in a folder with a Debian, without a builder: image.py DOCKERFILE ROOT [ARGUMENT...].

The arguments go to the entry point. FROM is taken as fulfilled by the folder, except that `python` has to be there;
build arguments come from the environment, or else from the file.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"


@dataclass
class Image:
    """What the instructions so far have set."""

    root: Path
    context: Path
    user: str = "root"
    folder: str = "/"
    arguments: dict[str, str] = field(default_factory=dict)
    entry: tuple[str, ...] = ()

    def inside(self, *command: str) -> None:
        """Run a command as the image would, in its working directory."""
        words = ["chroot", f"--userspec={self.user}:{self.user}", str(self.root), "/usr/bin/env", "-i", f"PATH={PATH}"]
        pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        given = [f"{name}={value}" for name, value in (pip | self.arguments).items()]
        here = ["bash", "-c", 'cd "$0" && exec "$@"', self.folder]
        subprocess.run([*words, f"HOME=/home/{self.user}", *given, *here, *command], check=True)

    def copy(self, options: list[str], sources: list[str], target: str) -> None:
        """COPY from the build context, which is what git tracks."""
        place = self.root / self.folder.lstrip("/") / target
        tracked = subprocess.run(["git", "ls-files"], cwd=self.context, capture_output=True, text=True, check=True)
        for name in tracked.stdout.splitlines():
            if sources == ["."] or name in sources:
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(self.context / name, place / name)
        for option in options:
            owner = option.removeprefix("--chown=")
            subprocess.run(["chroot", str(self.root), "chown", "-R", owner, self.folder], check=True)

    def do(self, instruction: str, rest: str) -> None:
        """Carry out one instruction; one that is not known here is an error."""
        match instruction:
            case "ARG":
                name, _, default = rest.partition("=")
                self.arguments[name] = os.environ.get(name, default)
            case "FROM":
                self.inside("ln", "-sf", "/usr/bin/python3", "/usr/local/bin/python")
            case "RUN":
                self.inside("/bin/sh", "-c", rest)
            case "USER":
                self.user = rest
            case "WORKDIR":
                self.folder = rest
            case "COPY":
                words = rest.split()
                options = [word for word in words if word.startswith("--")]
                *sources, target = words[len(options) :]
                self.copy(options, sources, target)
            case "ENTRYPOINT":
                self.entry = tuple(json.loads(rest))
            case "CMD":
                self.inside(*self.entry, *json.loads(rest))
            case _:
                raise SystemExit(f"{instruction}: not known here; add it to {__file__}")


def main(dockerfile: str, root: str, *arguments: str) -> None:
    """Build, print the help that is the image's own command, and run the entry point with the arguments."""
    path = Path(dockerfile)
    image = Image(Path(root), path.resolve().parent)
    lines = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("#"))
    for line in re.sub(r"\\\n\s*", "", lines).splitlines():
        instruction, _, rest = line.partition(" ")
        print(f"+ {line}", flush=True)
        image.do(instruction, rest.strip())
    image.inside(*image.entry, *arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
