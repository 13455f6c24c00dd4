"""Questionnaires: files and their checks, waves and runs, the card, answers."""
