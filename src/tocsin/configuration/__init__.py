"""Configuration as code: files and stored documents -> the core's directory. Read the files from the top:

forms.py       what may be written down, field by field
notation.py    how durations, times, keys and the like are written
documents.py   what the store keeps of each object
source.py      YAML text -> values that know where they stand
shape.py       values held against their forms: every mistake with its place
objects.py     the objects of one file
checks.py      what is wrong within and between well-formed objects
reading.py     files -> draft
rota.py        a written schedule -> the core's schedule
building.py    documents -> directory
difference.py  what applying a draft would change
writing.py     documents -> files
coverage.py    whether each step reaches somebody, all the time
mistakes.py    what is wrong, where, and what was meant
"""
