"""Did a fix work: the change of the unit that was fixed, less that of comparable ones.

Fixes are taken where things are bad, and bad weeks improve by themselves: a week is chosen because
it was bad, partly by chance, and chance does not repeat itself. Units that started alike and were
left alone improve by themselves just as much, so

    effect = (treated after - before) - mean of comparisons' (after - before),

and the week that prompted the fix counts in neither. A window is the plain mean of its weeks.
Leaving out a bad week lifts the mean of the others, so each comparison loses a week as well: the
one that ranks among its own as the trigger week does among the treated unit's.

*Who is comparable.* Of the other units with enough weeks, those whose level before lies within the
larger of half a point and one standard deviation of all units' levels before (sampling error taken
out); the nearest ones first, and then in the order given, at most ten. Fewer than three are none.

*Its error.* Units change for reasons of their own, beyond sampling. With S^2 the variance of the k
comparisons' changes, v their mean sampling variance and v_T the treated unit's,
Var = max(S^2, v) (1 + 1/k) + v_T - v, where the last two terms are dropped if negative. The
degrees of freedom are Satterthwaite's, S^2 having k - 1.

*Placebo check.* The treated unit's effect, in its standard errors, is ranked among those that the
comparisons would have had; with k of them the probability of its rank cannot be less than
1/(k+1).

*No comparisons.* Then the unit's own weeks must do: after less before, with the larger of sampling
and observed variance between weeks. Beside it stands the rebound to be expected of the trigger
week x: with mu and tau^2 the mean and the true variance of the other weeks before, rho =
tau^2/(tau^2 + se^2), its level without luck is mu + rho (x - mu), so (1 - rho)(mu - x) of the
improvement since then is no merit of the fix.

Sources: difference in differences: Angrist and Pischke (2009), Mostly Harmless Econometrics, ch. 5;
few comparisons: Conley and Taber (2011), Rev. Econ. Stat. 93, 113-125; placebos: Abadie, Diamond
and Hainmueller (2010), J. Am. Statist. Assoc. 105, 493-505; rebound: Kelley (1947), Fundamentals of
Statistics, and Barnett, van der Pols and Dobson (2005), Int. J. Epidemiol. 34, 215-220.
"""

from gapengine.effect.differences import effect
from gapengine.effect.outcome import Effect, Outcome, Rebound, Rules
from gapengine.effect.rebound import expected_rebound

__all__ = ["Effect", "Outcome", "Rebound", "Rules", "effect", "expected_rebound"]
