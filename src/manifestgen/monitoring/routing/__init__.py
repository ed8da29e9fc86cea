"""Alertmanager's way of deciding as plain functions: who is told about an alert, when, and why.

A model of Alertmanager 0.25 to 0.28; tests hold it equal to amtool and to a running server.
"""
