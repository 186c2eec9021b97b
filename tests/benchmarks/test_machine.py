from benchmarks.machine import describe


def test_versions_are_those_installed() -> None:
    assert describe("numpy")["numpy"].count(".") == 2
