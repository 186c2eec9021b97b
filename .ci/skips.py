"""List the skipped tests of pytest's JUnit files with their reasons; fail where this machine has what one misses."""

import shutil
import sys
from collections import Counter
from xml.etree import ElementTree

# What a reason begins with, and the programs that make it untrue.
REMOVABLE = {
    "no Chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    "Slurm: no ": ("slurmctld",),
}


def main(paths: list[str]) -> int:
    """Print the list and one closing line of counts; 1 where a skip should not have been."""
    cases = [case for path in paths for case in ElementTree.parse(path).iter("testcase")]
    skips = Counter(
        (skipped.get("message", ""), case.get("classname", "").replace(".", "/"))
        for case in cases
        for skipped in case.iter("skipped")
    )
    print("Skipped tests:" if skips else "No test was skipped.")
    for (reason, where), count in sorted(skips.items()):
        print(f"{count:5} {where}: {reason}")
    wrong = [
        reason
        for reason, _ in skips
        for begin, programs in REMOVABLE.items()
        if reason.startswith(begin) and any(map(shutil.which, programs))
    ]
    for reason in wrong:
        print(f"This skip is a failure, as the program is here: {reason}")
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    passed = len(cases) - skips.total() - failed
    print(f"{passed} passed, {len(wrong) + failed} failed, {skips.total()} skipped")
    return bool(wrong or failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
