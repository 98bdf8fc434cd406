#define _GNU_SOURCE
#include "disk_log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kinds of entries; Tests/CrashTests/DiskLog.swift reads them.
enum { CREATE = 1, WRITE, TRUNCATE, SYNC, LINK, RENAME, UNLINK, MKDIR, NOTE };

#define MOST_FILES 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_file = -1;
static const char *root;
static size_t root_length;
static uint64_t inodes[MOST_FILES];
static int fail_after = -1, fail_count, fail_error, failed;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("DISK_LOG");
    root = getenv("DISK_ROOT");
    root_length = root ? strlen(root) : 0;
    if (path && root) {
        log_file = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
}

/// The part of a path below the root; NULL if it is elsewhere. The shared memory of SQLite's log does not outlive power.
static const char *below(const char *path) {
    if (!root || !path || strncmp(path, root, root_length) != 0) return NULL;
    if (path[root_length] == 0) return "";
    if (path[root_length] != '/') return NULL;
    size_t length = strlen(path);
    if (length > 4 && strcmp(path + length - 4, "-shm") == 0) return NULL;
    return path + root_length + 1;
}

/// Appends an entry in one call: a process that is killed leaves it whole or not at all.
static void put(uint8_t kind, uint64_t inode, uint64_t offset, const void *first, uint32_t first_length,
                const void *second, uint32_t second_length) {
    if (log_file < 0) return;
    size_t size = 25 + (size_t)first_length + second_length;
    unsigned char *entry = malloc(size);
    if (!entry) abort();
    entry[0] = kind;
    memcpy(entry + 1, &inode, 8);
    memcpy(entry + 9, &offset, 8);
    memcpy(entry + 17, &first_length, 4);
    memcpy(entry + 21, &second_length, 4);
    if (first_length) memcpy(entry + 25, first, first_length);
    if (second_length) memcpy(entry + 25 + first_length, second, second_length);
    for (size_t done = 0; done < size;) {
        long count = syscall(SYS_write, log_file, entry + done, size - done);
        if (count <= 0) abort();
        done += (size_t)count;
    }
    free(entry);
}

static void put_names(uint8_t kind, uint64_t inode, const char *first, const char *second) {
    put(kind, inode, 0, first, (uint32_t)strlen(first), second ? second : "", second ? (uint32_t)strlen(second) : 0);
}

static uint64_t inode_of(const char *path) {
    struct stat status;
    return fstatat(AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status.st_ino : 0;
}

static uint64_t tracked(int file) { return file >= 0 && file < MOST_FILES ? inodes[file] : 0; }

/// Whether this call is to fail; the lock is held.
static int fails(void) {
    if (fail_after < 0) return 0;
    if (fail_after > 0) {
        fail_after--;
        return 0;
    }
    if (fail_count > 0 && failed >= fail_count) return 0;
    failed++;
    errno = fail_error;
    return 1;
}

void disk_log_note(const char *text) {
    pthread_mutex_lock(&lock);
    put(NOTE, 0, 0, text, (uint32_t)strlen(text), NULL, 0);
    pthread_mutex_unlock(&lock);
}

void disk_log_fail(int after, int count, int error) {
    pthread_mutex_lock(&lock);
    fail_after = after;
    fail_count = count;
    fail_error = error;
    failed = 0;
    pthread_mutex_unlock(&lock);
}

int disk_log_mend(void) {
    pthread_mutex_lock(&lock);
    int count = failed;
    fail_after = -1;
    failed = 0;
    pthread_mutex_unlock(&lock);
    return count;
}

static int logged_open(const char *path, int flags, mode_t mode) {
    const char *name = below(path);
    if (!name) return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    pthread_mutex_lock(&lock);
    uint64_t before = flags & O_CREAT ? inode_of(path) : 1;
    int file = -1;
    if (before || !fails()) file = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    int error = errno;
    if (file >= 0 && file < MOST_FILES) {
        inodes[file] = inode_of(path);
        if (!before) put_names(CREATE, inodes[file], name, NULL);
        if (before && (flags & O_TRUNC)) put(TRUNCATE, inodes[file], 0, NULL, 0, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return file;
}

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return logged_open(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return logged_open(path, flags, mode);
}

int close(int file) {
    if (file >= 0 && file < MOST_FILES) inodes[file] = 0;
    return (int)syscall(SYS_close, file);
}

static ssize_t logged_write(int file, const void *bytes, size_t count, off_t offset, int is_positioned) {
    uint64_t inode = tracked(file);
    if (!inode) {
        return is_positioned ? syscall(SYS_pwrite64, file, bytes, count, offset)
                             : syscall(SYS_write, file, bytes, count);
    }
    pthread_mutex_lock(&lock);
    ssize_t written = -1;
    if (!fails()) {
        if (!is_positioned) offset = lseek(file, 0, SEEK_CUR);
        written = is_positioned ? syscall(SYS_pwrite64, file, bytes, count, offset)
                                : syscall(SYS_write, file, bytes, count);
    }
    int error = errno;
    if (written > 0) put(WRITE, inode, (uint64_t)offset, bytes, (uint32_t)written, NULL, 0);
    pthread_mutex_unlock(&lock);
    errno = error;
    return written;
}

ssize_t write(int file, const void *bytes, size_t count) { return logged_write(file, bytes, count, 0, 0); }

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    return logged_write(file, bytes, count, offset, 1);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset) {
    return logged_write(file, bytes, count, offset, 1);
}

static int logged(long call, int file, off_t length, uint8_t kind) {
    uint64_t inode = tracked(file);
    if (!inode) return (int)(call == SYS_ftruncate ? syscall(call, file, length) : syscall(call, file));
    pthread_mutex_lock(&lock);
    int result = -1;
    if (!fails()) result = (int)(call == SYS_ftruncate ? syscall(call, file, length) : syscall(call, file));
    int error = errno;
    if (result == 0) put(kind, inode, (uint64_t)length, NULL, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int fsync(int file) { return logged(SYS_fsync, file, 0, SYNC); }
int fdatasync(int file) { return logged(SYS_fdatasync, file, 0, SYNC); }
int ftruncate(int file, off_t length) { return logged(SYS_ftruncate, file, length, TRUNCATE); }
int ftruncate64(int file, off64_t length) { return logged(SYS_ftruncate, file, length, TRUNCATE); }

/// A call that changes names; `second` is the new name where there is one.
static int logged_name(long call, const char *first, const char *second, uint8_t kind, mode_t mode) {
    const char *name = below(second ? second : first);
    const char *old = second ? below(first) : NULL;
    if (!name || (second && !old)) {
        if (call == SYS_mkdir) return (int)syscall(call, first, mode);
        return (int)(second ? syscall(call, first, second) : syscall(call, first));
    }
    pthread_mutex_lock(&lock);
    int result = -1;
    if (!fails()) {
        if (call == SYS_mkdir) {
            result = (int)syscall(call, first, mode);
        } else {
            result = (int)(second ? syscall(call, first, second) : syscall(call, first));
        }
    }
    int error = errno;
    if (result == 0) put_names(kind, kind == UNLINK ? 0 : inode_of(second ? second : first), name, old);
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}

int link(const char *first, const char *second) { return logged_name(SYS_link, first, second, LINK, 0); }
int rename(const char *first, const char *second) { return logged_name(SYS_rename, first, second, RENAME, 0); }
int unlink(const char *path) { return logged_name(SYS_unlink, path, NULL, UNLINK, 0); }
int mkdir(const char *path, mode_t mode) { return logged_name(SYS_mkdir, path, NULL, MKDIR, mode); }
