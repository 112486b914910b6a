from __future__ import annotations

import pytest

from bench import plan
from bench.records import NULL
from bench.scenarios import OF_TARGETS, Scenario, UnknownScenario, select

SLOTS = ["a", "b", "c", "d", "e"]


def test_rounds_have_orders_of_their_own_and_a_seed_repeats_them() -> None:
    rounds = [plan.order(SLOTS, 7, number) for number in range(10)]
    assert all(sorted(each) == SLOTS for each in rounds)
    assert len({tuple(each) for each in rounds}) > 5
    assert rounds == [plan.order(SLOTS, 7, number) for number in range(10)]
    assert rounds != [plan.order(SLOTS, 8, number) for number in range(10)]


def test_reads_and_writes_are_measured_at_all_loads() -> None:
    for scenario in (Scenario.READ, Scenario.WRITE):
        assert [each.load.connections for each in plan.closed([scenario])] == [1, 16, 64]
        assert [each.load.name for each in plan.opened([scenario])] == [
            "250/s",
            "1000/s",
            "50% of capacity",
            "70% of capacity",
            "90% of capacity",
        ]


def test_every_closed_measurement_has_a_ceiling() -> None:
    asked = {(each.scenario, each.load.connections) for each in plan.ceiling(OF_TARGETS)}
    for each in plan.closed(OF_TARGETS):
        own = each.scenario if each.scenario is Scenario.NO_SESSION else Scenario.CEILING
        assert (own, each.load.connections) in asked


def test_the_number_of_cells_is_known_before() -> None:
    assert plan.cells_a_round(["a", "b", NULL], [Scenario.READ]) == 2 * 8 + 3
    assert plan.cells_a_round(["a", NULL], [Scenario.FLOW]) == 1 + 1


def test_scenarios_are_chosen_by_name() -> None:
    assert select("write, read") == [Scenario.READ, Scenario.WRITE]
    assert select("") == OF_TARGETS
    with pytest.raises(UnknownScenario, match="there are: read, write"):
        select("reed")
    with pytest.raises(UnknownScenario):
        select("ceiling")
