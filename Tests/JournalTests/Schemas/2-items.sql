-- The journal's schema as the second migration left it. Never edit this file: a test opens journals of this schema.
PRAGMA application_id = 1281453669;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);

CREATE TABLE meta (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tests (
    number INTEGER PRIMARY KEY NOT NULL,
    id TEXT NOT NULL UNIQUE,
    method TEXT NOT NULL,
    lane TEXT NOT NULL,
    started_at TEXT NOT NULL,
    test_order BLOB NOT NULL,
    context BLOB NOT NULL
) STRICT;

CREATE TABLE frames (
    test INTEGER NOT NULL REFERENCES tests,
    tick INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (test, tick)
) STRICT, WITHOUT ROWID;

CREATE TABLE records (
    counter INTEGER PRIMARY KEY NOT NULL CHECK (counter >= 1),
    test INTEGER NOT NULL UNIQUE REFERENCES tests,
    sealed_at TEXT NOT NULL,
    payload_digest TEXT NOT NULL UNIQUE,
    previous_digest TEXT,
    envelope BLOB NOT NULL,
    verdict TEXT NOT NULL,
    summary BLOB NOT NULL
) STRICT;

CREATE TABLE artifacts (
    digest TEXT PRIMARY KEY NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

CREATE TABLE record_artifacts (
    counter INTEGER NOT NULL REFERENCES records,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL REFERENCES artifacts,
    PRIMARY KEY (counter, position),
    UNIQUE (counter, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    number INTEGER PRIMARY KEY NOT NULL,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    detail BLOB NOT NULL,
    previous TEXT,
    digest TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE "outbox" (
            number INTEGER PRIMARY KEY NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('start', 'process', 'end', 'record', 'lane-state')),
            lane TEXT NOT NULL,
            test INTEGER REFERENCES tests,
            sequence INTEGER NOT NULL,
            counter INTEGER UNIQUE REFERENCES records,
            digest TEXT NOT NULL,
            body BLOB,
            queued_at INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'quarantined')),
            attempts INTEGER NOT NULL,
            not_before INTEGER NOT NULL,
            problem BLOB,
            CHECK ((kind = 'record') = (counter IS NOT NULL)),
            CHECK ((kind = 'record') = (body IS NULL)),
            CHECK ((kind = 'lane-state') = (test IS NULL))
        ) STRICT;

CREATE TABLE "receipts" (
            number INTEGER PRIMARY KEY NOT NULL REFERENCES "outbox",
            receipt BLOB NOT NULL,
            received_at TEXT NOT NULL
        ) STRICT;

CREATE INDEX outbox_pending ON outbox (number) WHERE state = 'pending';

CREATE INDEX outbox_queued ON outbox (queued_at, number) WHERE state = 'pending';

CREATE INDEX outbox_waiting ON outbox (not_before) WHERE state = 'pending';

CREATE INDEX outbox_open ON outbox (test, number) WHERE state <> 'delivered';

CREATE INDEX outbox_stream ON outbox (test, sequence);

CREATE TRIGGER frames_of_open_tests_only BEFORE INSERT ON frames
WHEN EXISTS (SELECT 1 FROM records WHERE test = NEW.test)
BEGIN SELECT RAISE(ABORT, 'the test is sealed'); END;

CREATE TRIGGER tests_no_update BEFORE UPDATE ON tests
BEGIN SELECT RAISE(ABORT, 'tests never change'); END;

CREATE TRIGGER tests_no_delete BEFORE DELETE ON tests
BEGIN SELECT RAISE(ABORT, 'tests never change'); END;

CREATE TRIGGER frames_no_update BEFORE UPDATE ON frames
BEGIN SELECT RAISE(ABORT, 'frames never change'); END;

CREATE TRIGGER frames_no_delete BEFORE DELETE ON frames
BEGIN SELECT RAISE(ABORT, 'frames never change'); END;

CREATE TRIGGER records_no_update BEFORE UPDATE ON records
BEGIN SELECT RAISE(ABORT, 'records never change'); END;

CREATE TRIGGER records_no_delete BEFORE DELETE ON records
BEGIN SELECT RAISE(ABORT, 'records never change'); END;

CREATE TRIGGER artifacts_no_update BEFORE UPDATE ON artifacts
BEGIN SELECT RAISE(ABORT, 'artifacts never change'); END;

CREATE TRIGGER artifacts_no_delete BEFORE DELETE ON artifacts
BEGIN SELECT RAISE(ABORT, 'artifacts never change'); END;

CREATE TRIGGER record_artifacts_no_update BEFORE UPDATE ON record_artifacts
BEGIN SELECT RAISE(ABORT, 'record_artifacts never change'); END;

CREATE TRIGGER record_artifacts_no_delete BEFORE DELETE ON record_artifacts
BEGIN SELECT RAISE(ABORT, 'record_artifacts never change'); END;

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit never change'); END;

CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit never change'); END;

CREATE TRIGGER outbox_content_no_update
        BEFORE UPDATE OF number, kind, lane, test, sequence, counter, digest, body, queued_at ON outbox
        BEGIN SELECT RAISE(ABORT, 'outbox items never change'); END;

CREATE TRIGGER receipts_no_update BEFORE UPDATE ON receipts
BEGIN SELECT RAISE(ABORT, 'receipts never change'); END;

CREATE TRIGGER receipts_no_delete BEFORE DELETE ON receipts
BEGIN SELECT RAISE(ABORT, 'receipts never change'); END;

CREATE TRIGGER outbox_no_delete BEFORE DELETE ON outbox
BEGIN SELECT RAISE(ABORT, 'outbox never change'); END;

INSERT INTO grdb_migrations VALUES ('1 evidence');
INSERT INTO grdb_migrations VALUES ('2 items of kinds');
