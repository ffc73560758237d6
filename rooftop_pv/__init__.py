"""Rooftop photovoltaics: roof planes, what they can see, what they yield, earn and may feed in."""
