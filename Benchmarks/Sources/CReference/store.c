#include "reference.h"

#include <sqlite3.h>
#include <stdlib.h>

enum statement { begin, commit, roll_back, record, artifact, record_artifact, outbox, audit, statement_count };

struct reference_store {
    sqlite3 *database;
    sqlite3_stmt *statements[statement_count];
};

/// The columns and keys of the tables that sealing writes to, without triggers and references.
static const char schema[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = FULL;"
    "CREATE TABLE records (counter INTEGER PRIMARY KEY NOT NULL, test INTEGER NOT NULL UNIQUE,"
    " sealed_at TEXT NOT NULL, payload_digest TEXT NOT NULL UNIQUE, previous_digest TEXT, envelope BLOB NOT NULL,"
    " verdict TEXT NOT NULL, summary BLOB NOT NULL) STRICT;"
    "CREATE TABLE artifacts (digest TEXT PRIMARY KEY NOT NULL, bytes BLOB NOT NULL) STRICT;"
    "CREATE TABLE record_artifacts (counter INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,"
    " digest TEXT NOT NULL, PRIMARY KEY (counter, position), UNIQUE (counter, name)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE outbox (counter INTEGER PRIMARY KEY NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,"
    " not_before INTEGER NOT NULL, problem BLOB) STRICT;"
    "CREATE INDEX outbox_pending ON outbox (counter) WHERE state = 'pending';"
    "CREATE TABLE audit (number INTEGER PRIMARY KEY NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL,"
    " detail BLOB NOT NULL, previous TEXT, digest TEXT NOT NULL UNIQUE) STRICT;";

static const char *const texts[statement_count] = {
    [begin] = "BEGIN IMMEDIATE",
    [commit] = "COMMIT",
    [roll_back] = "ROLLBACK",
    [record] = "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [artifact] = "INSERT INTO artifacts VALUES (?, ?)",
    [record_artifact] = "INSERT INTO record_artifacts VALUES (?, ?, ?, ?)",
    [outbox] = "INSERT INTO outbox VALUES (?, 'pending', 0, 0, NULL)",
    [audit] = "INSERT INTO audit VALUES (?, ?, 'record.sealed', ?, ?, ?)",
};

struct reference_store *reference_store_open(const char *path) {
    struct reference_store *store = calloc(1, sizeof *store);
    if (!store) return NULL;
    int problem = sqlite3_open(path, &store->database);
    if (!problem) problem = sqlite3_exec(store->database, schema, NULL, NULL, NULL);
    for (int index = 0; index < statement_count && !problem; index++)
        problem = sqlite3_prepare_v2(store->database, texts[index], -1, &store->statements[index], NULL);
    if (!problem) return store;
    reference_store_close(store);
    return NULL;
}

/// Runs a statement to its end; 0 if it got there.
static int run(struct reference_store *store, enum statement which) {
    sqlite3_stmt *statement = store->statements[which];
    int result = sqlite3_step(statement);
    int problem = result == SQLITE_DONE ? 0 : sqlite3_extended_errcode(store->database);
    sqlite3_reset(statement);
    return problem;
}

static void text(sqlite3_stmt *statement, int index, struct reference_bytes value) {
    if (value.bytes)
        sqlite3_bind_text(statement, index, value.bytes, (int)value.count, SQLITE_STATIC);
    else
        sqlite3_bind_null(statement, index);
}

static void blob(sqlite3_stmt *statement, int index, struct reference_bytes value) {
    sqlite3_bind_blob(statement, index, value.bytes, (int)value.count, SQLITE_STATIC);
}

static int insert(struct reference_store *store, const struct reference_record *given) {
    sqlite3_stmt *row = store->statements[record];
    sqlite3_bind_int64(row, 1, given->counter);
    sqlite3_bind_int64(row, 2, given->counter);
    text(row, 3, given->sealed_at);
    text(row, 4, given->payload_digest);
    text(row, 5, given->previous_digest);
    blob(row, 6, given->envelope);
    text(row, 7, given->verdict);
    blob(row, 8, given->summary);
    int problem = run(store, record);
    for (size_t index = 0; index < given->attachment_count && !problem; index++) {
        if (given->contents[index].bytes) {
            row = store->statements[artifact];
            text(row, 1, given->digests[index]);
            blob(row, 2, given->contents[index]);
            problem = run(store, artifact);
            if (problem) break;
        }
        row = store->statements[record_artifact];
        sqlite3_bind_int64(row, 1, given->counter);
        sqlite3_bind_int64(row, 2, (sqlite3_int64)index);
        text(row, 3, given->names[index]);
        text(row, 4, given->digests[index]);
        problem = run(store, record_artifact);
    }
    if (problem) return problem;
    sqlite3_bind_int64(store->statements[outbox], 1, given->counter);
    problem = run(store, outbox);
    if (problem) return problem;
    row = store->statements[audit];
    sqlite3_bind_int64(row, 1, given->counter);
    text(row, 2, given->sealed_at);
    blob(row, 3, given->audit_detail);
    text(row, 4, given->previous_digest);
    text(row, 5, given->audit_digest);
    return run(store, audit);
}

int reference_store_commit(struct reference_store *store, const struct reference_record *given) {
    int problem = run(store, begin);
    if (problem) return problem;
    problem = insert(store, given);
    if (!problem) problem = run(store, commit);
    if (problem) run(store, roll_back);
    return problem;
}

void reference_store_close(struct reference_store *store) {
    if (!store) return;
    for (int index = 0; index < statement_count; index++) sqlite3_finalize(store->statements[index]);
    sqlite3_close(store->database);
    free(store);
}
