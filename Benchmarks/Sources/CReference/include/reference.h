#ifndef REFERENCE_H
#define REFERENCE_H

#include <stddef.h>
#include <stdint.h>

// MARK: Register reads, with libmodbus.

/// Opens a pseudo-terminal in raw mode, both descriptors close-on-exec; `path` receives the slave's name.
/// Returns 0, or an errno value with nothing left open.
int reference_open_terminal(int *master, int *slave, char *path, size_t path_size);

/// Serves three input registers of unit 1 on the master's descriptor until the other side has gone for good.
/// Returns 0, or an errno value if it could not begin.
int reference_serve_registers(int master, const uint16_t registers[3]);

/// A client of the same line.
struct reference_client;

/// Connects to unit 1 on a terminal; NULL with errno set if that fails.
struct reference_client *reference_client_open(const char *path);

/// Reads the three registers `count` times, each time pausing for `pause_ns` before the request; returns how many
/// reads brought exactly `expected`.
int reference_client_read(
    struct reference_client *client, int count, int64_t pause_ns, const uint16_t expected[3]);

/// Closes the line.
void reference_client_close(struct reference_client *client);

// MARK: An ASM test's arithmetic.

/// What stands for one second on the rollers; not-a-number where there is no value.
struct reference_second {
    double co, co2, hc, no;
    double temperature, humidity, pressure;
};

/// The constants of the corrections.
struct reference_constants {
    double fuel, carbon, cap;
    double slope, reference_humidity, ratio;
    int window;
};

/// Corrects every second and forms every moving mean; `last` receives the last means of CO, HC and NO.
/// Returns the number of means formed.
int reference_asm(
    const struct reference_second *seconds, size_t count, const struct reference_constants *constants, double last[3]);

// MARK: Committing a record, with SQLite.

/// A database with the tables that a sealed record touches.
struct reference_store;

/// A text or a blob.
struct reference_bytes {
    const void *bytes;
    size_t count;
};

/// What sealing one record writes. Pointers are borrowed for the call.
struct reference_record {
    int64_t counter;
    struct reference_bytes sealed_at, payload_digest, previous_digest, envelope, verdict, summary;
    /// The attachments by name and digest; one with bytes is stored, one without is there already.
    size_t attachment_count;
    const struct reference_bytes *names, *digests, *contents;
    struct reference_bytes audit_detail, audit_digest;
};

/// Creates the database; NULL if that fails.
struct reference_store *reference_store_open(const char *path);

/// Writes a record in one transaction, durable when this returns; returns 0, or SQLite's extended result code.
int reference_store_commit(struct reference_store *store, const struct reference_record *record);

/// Closes the database.
void reference_store_close(struct reference_store *store);

// MARK: Digests and signatures, with libcrypto.

/// A pair of fresh keys, Ed25519 and SM2.
struct reference_notary;

/// Makes the keys; NULL if that fails.
struct reference_notary *reference_notary_open(void);

/// Takes SHA-256 and SM3 of every content, and signs the payload with both keys; returns 0 if all went well.
int reference_notary_seal(
    struct reference_notary *notary, const struct reference_bytes *contents, size_t count,
    struct reference_bytes payload);

/// Takes the same digests, and verifies what was signed last; returns 0 if both signatures are good.
int reference_notary_verify(
    struct reference_notary *notary, const struct reference_bytes *contents, size_t count,
    struct reference_bytes payload);

/// Forgets the keys.
void reference_notary_close(struct reference_notary *notary);

#endif
