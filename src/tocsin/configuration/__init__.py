"""Configuration as code: files and stored documents -> the core's directory. Read the files from the top:

forms.py       what may be written down, field by field
rota_forms.py  the same of schedules, and of what is written around them
sync_forms.py  the same of what follows schedules, and the core's value of it
notation.py    how durations, times, keys and the like are written
rota_notation.py  how turns, lengths, days and regions are written
public_holidays.py  which days are holidays in a region
documents.py   what the store keeps of each object
source.py      YAML text -> values that know where they stand
shape.py       values held against their forms: every mistake with its place
objects.py     the objects of one file
checks.py      what is wrong within and between well-formed objects
rota_checks.py  what is wrong with schedules, overrides and absences
sync_checks.py  what is wrong with syncs
reading.py     files -> draft
rota.py        a written schedule -> the core's schedule
circumstances.py  users, absences and feeds -> the circumstances of the schedules
building.py    documents -> directory
difference.py  what applying a draft would change
writing.py     documents -> files
mistakes.py    what is wrong, where, and what was meant
"""
