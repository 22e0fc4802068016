"""Silences that people make at run time: configuration documents like any other, owned by no file."""

from __future__ import annotations
