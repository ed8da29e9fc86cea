"""Tests of alerts for ``promtool test rules``: input series that make each fire, and others that just do not.

``tree`` reads an expression, ``solve`` works backward from what it shall give to input series, ``evaluate``
works forward again and so proves the result, ``cases`` puts both together for one alert.
"""
