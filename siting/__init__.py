"""Where stations should stand: access over the streets and location models with bounds."""

__all__: list[str] = []
