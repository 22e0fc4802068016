-- Whose claims end with it. A node has a row here while its session holds the lock of its name; whoever finds that lock
-- free for too long ends the node's leases and takes the row away (docs/decisions/0015-presence.md). Nodes of earlier
-- versions have no row, and their claims end with the lease alone. The clock is the real one, not tocsin_now().
CREATE TABLE nodes (
    name      text PRIMARY KEY,
    -- Since when its lock is free; NULL: it is held.
    missed_at timestamptz
);
