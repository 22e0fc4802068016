-- What a token is for and how long, and a record of changes that no document tells.

ALTER TABLE tokens
    ADD COLUMN scope      text[],
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN made_by    text,
    ADD COLUMN used_at    timestamptz;

CREATE TABLE changes (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    kind       text NOT NULL,
    name       text NOT NULL,
    before     json,
    after      json
);
