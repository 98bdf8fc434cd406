// What a program does to the files below one directory, written down call by call; and calls that fail on request.
//
// The functions of the C library that write, synchronise and name files are defined a second time in this library; the
// linker prefers the program's own definition to the C library's, for SQLite and Swift alike. With DISK_LOG and
// DISK_ROOT in the environment every call below DISK_ROOT is appended to the file DISK_LOG.
#ifndef LANEAGENT_DISK_LOG_H
#define LANEAGENT_DISK_LOG_H

/// Appends a note of the program's own, such as what it has told the world by now.
void disk_log_note(const char *text);

/// Lets a writing or synchronising call below DISK_ROOT fail.
///
/// - after: how many more succeed before.
/// - count: how many fail then; 0 for all until disk_log_mend.
/// - error: what they report, such as ENOSPC.
void disk_log_fail(int after, int count, int error);

/// Lets all calls succeed again; returns how many have failed.
int disk_log_mend(void);

#endif
