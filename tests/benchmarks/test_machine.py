from benchmarks.machine import describe, watch_other_work


def test_the_share_of_other_work_is_a_share() -> None:
    with watch_other_work() as other:
        sum(range(100_000))
    assert 0.0 <= other.share <= 1.0


def test_versions_are_those_installed() -> None:
    assert describe("numpy")["numpy"].count(".") == 2
