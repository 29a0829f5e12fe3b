"""The speaking mouth without any emotion."""

import numpy as np
from numpy.typing import NDArray

from ..score import Speech
from ..speech.prosody import Prosody
from .heard import Heard, gates, mouth
from .shapes import to_arkit


def articulate(
    speech: Speech, prosody: Prosody, times: NDArray[np.float64], heard: Heard | None = None
) -> NDArray[np.float32]:
    """The 52 shapes that say the phones, neutral in expression.

    Parameters: ``times`` in seconds, ascending [shape=(n,)]; the mouth that the sound itself tells of, for a recording.
    Returns weights 0..1 [shape=(n, 52)].
    Stress, emphasis and loudness open the mouth wider; short sounds undershoot; every p, b and m closes the lips.
    """
    return to_arkit(mouth(speech, prosody, times, heard), *gates(speech, times, heard))
