import GRDB

/// The second schema: the outbox holds items of several kinds, in their order within a test, where the first held
/// records alone.
enum StreamSchema {
    static func migrate(_ db: Database) throws {
        try db.execute(sql: tables)
        // A delivery of the first schema was named by its record's number, and is so still.
        try db.execute(
            sql: """
                INSERT INTO items (number, kind, lane, test, sequence, counter, digest, queued_at, state, attempts,
                    not_before, problem)
                SELECT outbox.counter, 'record', tests.lane, records.test, 1, outbox.counter, payload_digest,
                    CAST(ROUND((julianday(sealed_at) - 2440587.5) * 86400000) AS INTEGER), state, attempts, not_before,
                    problem
                FROM outbox JOIN records USING (counter) JOIN tests ON tests.number = records.test
                ORDER BY outbox.counter;
                INSERT INTO item_receipts (number, receipt, received_at)
                SELECT counter, receipt, received_at FROM receipts ORDER BY counter;
                DROP TABLE receipts;
                DROP TABLE outbox;
                ALTER TABLE items RENAME TO outbox;
                ALTER TABLE item_receipts RENAME TO receipts;

                """)
        try db.execute(
            sql: indices + Schema.forbid("UPDATE", on: "receipts") + Schema.forbid("DELETE", on: "receipts")
                + Schema.forbid("DELETE", on: "outbox"))
    }

    private static let tables = """
        CREATE TABLE items (
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

        CREATE TABLE item_receipts (
            number INTEGER PRIMARY KEY NOT NULL REFERENCES items,
            receipt BLOB NOT NULL,
            received_at TEXT NOT NULL
        ) STRICT;

        """

    /// What is pending is found without looking at what is delivered, however much that is. The third schema makes them
    /// anew.
    static let indices = """
        CREATE INDEX outbox_pending ON outbox (number) WHERE state = 'pending';
        CREATE INDEX outbox_queued ON outbox (queued_at, number) WHERE state = 'pending';
        CREATE INDEX outbox_waiting ON outbox (not_before) WHERE state = 'pending';
        CREATE INDEX outbox_open ON outbox (test, number) WHERE state <> 'delivered';
        CREATE INDEX outbox_stream ON outbox (test, sequence);

        CREATE TRIGGER outbox_content_no_update
        BEFORE UPDATE OF number, kind, lane, test, sequence, counter, digest, body, queued_at ON outbox
        BEGIN SELECT RAISE(ABORT, 'outbox items never change'); END;

        """
}
