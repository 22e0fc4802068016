"""The schema's history: one numbered SQL file a step, each run once and in one transaction (store/migrating.py).

NNNN_name.sql        most steps
NNNN_name.pre.sql    what the new version needs and the one before it can live with: columns, tables, indexes
NNNN_name.post.sql   what only the version before needed: it belongs into the release *after* the one with its `pre`

So nodes of two neighbouring versions run side by side: `OLDEST` in store/migrating.py names the last step of the
release before, and moves on with each release. A `post` may only be there once `OLDEST` has reached its `pre`; a test
holds it.
A file that was released is never changed.
"""
