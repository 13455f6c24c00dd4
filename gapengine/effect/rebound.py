"""How far a bad week comes back by itself."""

import numpy as np

from gapengine.effect.before_after import BeforeAfter
from gapengine.effect.outcome import Rebound
from gapengine.errors import SettingsError


def expected_rebound(
    trigger: float, *, se: float, usual: float, variance: float
) -> tuple[float, float]:
    """Reliability of one week, and the change to be expected after it by itself.

    Parameters
    ----------
    trigger, se
        Estimate of the week and its standard error, in points.
    usual
        Mean of the unit's other weeks.
    variance
        True variance between weeks, 0 where the weeks differ no more than sampling would let them.

    Returns
    -------
    rho = variance / (variance + se^2), and (1 - rho) (usual - trigger): the whole way back to the
    usual level where weeks do not truly differ, none of it where an estimate has no error.

    Raises
    ------
    SettingsError
        If the error or the variance is negative, or both are 0.
    """
    if se < 0 or variance < 0 or not variance + se**2 > 0:
        raise SettingsError(f"se {se} and variance {variance} must be 0 or more, and not both 0")
    reliability = variance / (variance + se**2)
    return reliability, (1 - reliability) * (usual - trigger)


def rebound_of(windows: BeforeAfter, treated: int, trigger: int) -> Rebound | None:
    points = windows.points
    if not points.known[treated, trigger]:
        return None
    used = windows.used[0][treated]
    weeks, errors = points.estimate[treated, used], points.se[treated, used]
    true_variance = max(0.0, float(np.var(weeks, ddof=1) - (errors**2).mean()))
    value, usual = float(points.estimate[treated, trigger]), float(weeks.mean())
    se = float(points.se[treated, trigger])
    reliability, expected = expected_rebound(value, se=se, usual=usual, variance=true_variance)
    seen = float(windows.level[1][treated]) - value
    return Rebound(value, usual, reliability, expected=expected, seen=seen)
