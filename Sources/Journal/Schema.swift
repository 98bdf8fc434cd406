import GRDB

/// The tables of the journal, and how older ones become these.
///
/// What is evidence never changes: triggers forbid it even to this program. A migration, once released, is never
/// edited; a new one follows it.
enum Schema {
    /// Marks the file as a lane's journal, “Lane” in ASCII (`PRAGMA application_id`).
    static let applicationID = 0x4C61_6E65

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 evidence") { db in
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: tables)
            for table in ["tests", "frames", "records", "artifacts", "record_artifacts", "receipts", "audit"] {
                try db.execute(sql: forbid("UPDATE", on: table) + forbid("DELETE", on: table))
            }
            try db.execute(sql: forbid("DELETE", on: "outbox"))
        }
        migrator.registerMigration("2 items of kinds") { try StreamSchema.migrate($0) }
        migrator.registerMigration("3 epochs, wire, removals") { try EpochSchema.migrate($0) }
        return migrator
    }

    static func forbid(_ change: String, on table: String) -> String {
        """
        CREATE TRIGGER \(table)_no_\(change.lowercased()) BEFORE \(change) ON \(table)
        BEGIN SELECT RAISE(ABORT, '\(table) never change'); END;

        """
    }

    private static let tables = """
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

        CREATE TRIGGER frames_of_open_tests_only BEFORE INSERT ON frames
        WHEN EXISTS (SELECT 1 FROM records WHERE test = NEW.test)
        BEGIN SELECT RAISE(ABORT, 'the test is sealed'); END;

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

        CREATE TABLE outbox (
            counter INTEGER PRIMARY KEY NOT NULL REFERENCES records,
            state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'quarantined')),
            attempts INTEGER NOT NULL,
            not_before INTEGER NOT NULL,
            problem BLOB
        ) STRICT;

        CREATE INDEX outbox_pending ON outbox (counter) WHERE state = 'pending';

        CREATE TABLE receipts (
            counter INTEGER PRIMARY KEY NOT NULL REFERENCES outbox,
            receipt BLOB NOT NULL,
            received_at TEXT NOT NULL
        ) STRICT;

        CREATE TABLE audit (
            number INTEGER PRIMARY KEY NOT NULL,
            at TEXT NOT NULL,
            kind TEXT NOT NULL,
            detail BLOB NOT NULL,
            previous TEXT,
            digest TEXT NOT NULL UNIQUE
        ) STRICT;

        """
}
