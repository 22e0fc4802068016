-- Calendars that people subscribe to: the secret part of each address, and the shifts that were told under it.
CREATE TABLE publications (
    kind      text NOT NULL,
    name      text NOT NULL,
    nonce     text NOT NULL,
    published json NOT NULL DEFAULT '[]',
    PRIMARY KEY (kind, name)
);
