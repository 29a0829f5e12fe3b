"""Where in a sound the words of a script are said: in order, some of them not at all, with other speech in between.

Every frame of the sound is either a place in the script, as it sounds when espeak-ng says it, or none: a Viterbi search
in which the script goes on by none, one or two frames at a time, may be left after any word, and is taken up again
at the same or any later one. How well a frame fits a place counts by how much better that is than most other places of
the script, in standard deviations, so that neither voice nor room decides what belongs to the script.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]

FIT: Final = 1.3
"""Standard deviations by which a frame has to fit better than most to be taken for the script rather than not."""
UNEVEN: Final = 0.75
"""Cost of a frame in which the two do not go on alike."""
LEAVING: Final = 4.0
ENTERING: Final = 6.0
"""Cost of leaving the script after a word, and of taking it up before one, within a line ..."""
LINE_LEFT: Final = 1.0
LINE_ENTERED: Final = 3.0
"""... and where a line ends or begins."""
SKIPPING: Final = 1.0
"""Cost of leaving out any words, beside that."""
SKIPPED_WORD: Final = 0.15
"""Cost of each of them, ..."""
MOST_SKIPPED: Final = 30.0
"""... and of all of them at most."""
AT_TIMES: Final = 4
"""Words are left out in every so many-th frame only, which costs nobody anything but time."""
HUSHED: Final = 0.6
"""Cost of a frame of silence within a word."""
NOWHERE: Final = -1
"""In a way: a frame that is no place in the script."""


def follow(fits: Floats, silent: Bools, starts: Ints, opening: Bools) -> Ints:
    """The likeliest way through the script, from anywhere in the sound to anywhere.

    Parameters: for every frame of the sound how far it is from each frame of the script, in standard deviations from
    the frame's mean, which is written over [shape=(n, m)]; which frames are silent [shape=(n,)]; the first frame of
    each word, and whether it is the first word of a line [shape=(w,)].
    Returns for each frame of the sound its place in the script, or NOWHERE [shape=(n,)].
    """
    search = _Search(fits, silent, starts, opening)
    search.forward()
    return search.backward()


class _Search:
    """Totals of the cheapest ways to every state: a frame of the script, or nowhere before a word or after the last."""

    def __init__(self, fits: Floats, silent: Bools, starts: Ints, opening: Bools) -> None:
        count, target = fits.shape
        self._starts = starts
        self._ends = np.concatenate([starts[1:], [target]]) - 1
        self._costs = np.add(fits, np.float32(FIT), out=fits)
        resting = np.full(target, HUSHED, np.float32)
        resting[starts] = resting[self._ends] = 0.0
        self._costs[silent] = resting
        self._stay = np.where(silent, np.float32(0), np.float32(UNEVEN)).tolist()
        # Two columns before the first frame save the search the question whether there are any.
        self._inside = np.full((count + 1, target + 2), np.inf, np.float32)
        self._outside = np.full((count + 1, len(starts) + 1), np.inf, np.float32)
        self._entering = np.where(opening, LINE_ENTERED, ENTERING).astype(np.float32)
        self._leaving = np.where(np.append(opening[1:], True), LINE_LEFT, LEAVING).astype(np.float32)
        self._ramp = (SKIPPED_WORD * np.arange(len(starts) + 1)).astype(np.float32)

    def forward(self) -> None:
        self._outside[0, 0] = 0.0
        self._outside[0] = self._skipped(self._outside[0])
        for i, stay in enumerate(self._stay):
            before, after = self._inside[i], self._inside[i + 1, 2:]
            np.add(before[:-2], np.float32(UNEVEN), out=after)
            np.minimum(after, before[1:-1], out=after)
            np.minimum(after, before[2:] + np.float32(stay), out=after)
            after[self._starts] = np.minimum(after[self._starts], self._outside[i, :-1] + self._entering)
            after += self._costs[i]
            left = self._left(i)
            self._outside[i + 1] = self._skipped(left) if i % AT_TIMES == 0 else left

    def _left(self, i: int) -> Floats:
        """Totals of being nowhere, before any word is skipped."""
        left: Floats = self._outside[i].copy()
        left[1:] = np.minimum(left[1:], self._inside[i, 2:][self._ends] + self._leaving)
        return left

    def _skipped(self, outside: Floats) -> Floats:
        near = np.minimum.accumulate(outside - self._ramp) + self._ramp + np.float32(SKIPPING)
        far = np.minimum.accumulate(outside) + np.float32(SKIPPING + MOST_SKIPPED)
        return np.asarray(np.minimum(outside, np.minimum(near, far)), np.float32)

    def backward(self) -> Ints:
        count = len(self._stay)
        way = np.full(count, NOWHERE, np.intp)
        at = int(self._inside[count].argmin()) - 2
        word = int(self._outside[count].argmin())
        if self._outside[count, word] <= self._inside[count, at + 2]:
            at = NOWHERE
        for i in range(count - 1, -1, -1):
            if at != NOWHERE:
                way[i] = at
                at, word = self._before(i, at)
            else:
                word, at = self._before_nowhere(i, word)
        return way

    def _before(self, i: int, at: int) -> tuple[int, int]:
        """Where the way was a frame before it was at a place, or before which word it was nowhere."""
        row = self._inside[i]
        choices = [row[at + 1], row[at + 2] + np.float32(self._stay[i]), row[at] + np.float32(UNEVEN)]
        best = int(np.argmin(choices))
        word = int(np.searchsorted(self._starts, at))
        if word < len(self._starts) and self._starts[word] == at:
            entered = self._outside[i, word] + self._entering[word]
            if entered <= choices[best]:
                return NOWHERE, word
        return at - (1, 0, 2)[best], 0

    def _before_nowhere(self, i: int, word: int) -> tuple[int, int]:
        """The same for a frame that was nowhere."""
        left = self._left(i)
        if i % AT_TIMES:
            return self._back_from(i, word, left)
        skip = np.minimum(self._ramp[word] - self._ramp[: word + 1], MOST_SKIPPED) + np.float32(SKIPPING)
        skip[word] = 0
        return self._back_from(i, int(np.argmin(left[: word + 1] + skip)), left)

    def _back_from(self, i: int, word: int, left: Floats) -> tuple[int, int]:
        """The same where no words were left out."""
        if left[word] < self._outside[i, word]:
            return word, int(self._ends[word - 1])
        return word, NOWHERE
