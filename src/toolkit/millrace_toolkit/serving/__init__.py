"""Serves a model with the functions of a user's script: one front process, several workers that hold the model."""
