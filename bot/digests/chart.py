"""Charts of a digest as SVG, and how they are drawn."""

from bot.core.drawing import draw_png
from bot.digests.dots import gaps_svg
from bot.digests.effect_chart import effect_svg
from bot.digests.waterfall import chain_svg

__all__ = ["chain_svg", "draw_png", "effect_svg", "gaps_svg"]
