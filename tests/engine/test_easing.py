"""The one curve that everything which moves by itself follows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linly_blender.easing import minimum_jerk


@given(st.lists(st.floats(-2, 3), min_size=2, max_size=50))
def test_it_goes_from_nothing_to_all_and_never_back(shares: list[float]) -> None:
    found = minimum_jerk(np.sort(shares))
    assert found.min() >= 0
    assert found.max() <= 1
    assert np.diff(found).min() >= -1e-14


def test_rounding_takes_it_nowhere_beyond() -> None:
    """What is 1 minus it is drawn roots of."""
    assert minimum_jerk(1 - np.logspace(-16, -3, 100_000)).max() <= 1
