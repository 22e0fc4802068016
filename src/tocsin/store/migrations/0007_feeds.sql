-- Copies of calendars that are kept elsewhere.
CREATE TABLE feeds (
    calendar text PRIMARY KEY,
    state    json NOT NULL
);

-- Grows whenever what a calendar says has changed; one row.
CREATE TABLE feeds_version (
    only_row bool PRIMARY KEY DEFAULT true CHECK (only_row),
    version  int NOT NULL
);
INSERT INTO feeds_version (version) VALUES (0);
