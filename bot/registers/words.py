"""The names of dimensions, channels and answers, as texts to translate."""

from collections.abc import Mapping

from bot.core.i18n import N_

DIMENSIONS: Mapping[str, str] = {
    "tangibles": N_("Rooms and appearance"),
    "reliability": N_("Reliability"),
    "responsiveness": N_("Quick help"),
    "assurance": N_("Trust"),
    "empathy": N_("Personal care"),
    "social_responsibility": N_("Social responsibility"),
}

CHANNELS: Mapping[str, str] = {
    "advert": N_("Advert"),
    "site": N_("Website"),
    "contract": N_("Contract"),
    "staff": N_("What staff say"),
    "other": N_("Elsewhere"),
}

KEEPS: Mapping[str, str] = {
    "1": N_("Always"),
    "2": N_("Mostly"),
    "3": N_("Rarely"),
    "4": N_("Never"),
}
