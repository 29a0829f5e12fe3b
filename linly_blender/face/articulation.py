"""The speaking mouth without any emotion."""

import numpy as np
from numpy.typing import NDArray

from ..score import Speech
from ..speech.prosody import Prosody
from .coarticulation import blend, contacts, gate, plan
from .shapes import to_arkit


def articulate(speech: Speech, prosody: Prosody, times: NDArray[np.float64]) -> NDArray[np.float32]:
    """The 52 shapes that say the phones, neutral in expression.

    Parameters: ``times`` in seconds, ascending [shape=(n,)]. Returns weights 0..1 [shape=(n, 52)].
    Stress, emphasis and loudness open the mouth wider; short sounds undershoot; every p, b and m closes the lips.
    """
    lips, teeth = contacts(speech)
    return to_arkit(blend(plan(speech, prosody), times), gate(lips, times), gate(teeth, times))
