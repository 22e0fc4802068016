"""Faces on HTTP: the server, pages for people, interfaces for programs."""
