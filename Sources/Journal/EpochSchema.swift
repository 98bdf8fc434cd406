import GRDB

/// The third schema: new epochs of the chain, the wire log of a test that runs, and what was removed after its term.
enum EpochSchema {
    static func migrate(_ db: Database) throws {
        try db.execute(sql: tables)
        // A table's list of kinds cannot be changed in place (sqlite.org/lang_altertable.html, section 7).
        try db.execute(
            sql: """
                INSERT INTO new_outbox SELECT number, kind, lane, test, sequence, counter, digest, body, queued_at, state,
                    attempts, not_before, problem FROM outbox ORDER BY number;
                DROP TABLE outbox;
                ALTER TABLE new_outbox RENAME TO outbox;

                """)
        try db.execute(
            sql: StreamSchema.indices + indices + Schema.forbid("DELETE", on: "outbox")
                + Schema.forbid("UPDATE", on: "epochs") + Schema.forbid("DELETE", on: "epochs")
                + Schema.forbid("UPDATE", on: "removals") + Schema.forbid("DELETE", on: "removals")
                + Schema.forbid("UPDATE", on: "wire"))
    }

    private static let tables = """
        CREATE TABLE epochs (
            epoch INTEGER PRIMARY KEY NOT NULL CHECK (epoch >= 2),
            after INTEGER NOT NULL CHECK (after >= 0),
            head TEXT,
            statement BLOB NOT NULL,
            begun_at TEXT NOT NULL,
            CHECK ((after = 0) = (head IS NULL))
        ) STRICT;

        CREATE TABLE removals (
            counter INTEGER PRIMARY KEY NOT NULL REFERENCES records,
            removed_at TEXT NOT NULL
        ) STRICT;

        CREATE TABLE wire (
            test INTEGER NOT NULL REFERENCES tests,
            number INTEGER NOT NULL,
            bytes BLOB NOT NULL,
            PRIMARY KEY (test, number)
        ) STRICT, WITHOUT ROWID;

        CREATE TRIGGER wire_of_open_tests_only BEFORE INSERT ON wire
        WHEN EXISTS (SELECT 1 FROM records WHERE test = NEW.test)
        BEGIN SELECT RAISE(ABORT, 'the test is sealed'); END;

        CREATE TRIGGER wire_of_open_tests_stays BEFORE DELETE ON wire
        WHEN NOT EXISTS (SELECT 1 FROM records WHERE test = OLD.test)
        BEGIN SELECT RAISE(ABORT, 'the test is not sealed'); END;

        CREATE TABLE new_outbox (
            number INTEGER PRIMARY KEY NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('start', 'process', 'end', 'record', 'lane-state', 'epoch')),
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
            CHECK ((kind IN ('lane-state', 'epoch')) = (test IS NULL))
        ) STRICT;

        """

    /// An opening that has not arrived holds up everything after it, and is looked for with each item.
    private static let indices = """
        CREATE INDEX outbox_epochs ON outbox (number) WHERE kind = 'epoch' AND state <> 'delivered';

        """
}
