// What Linux offers beyond POSIX and Swift's Glibc module leaves out.
#ifndef LANEAGENT_CLINUX_H
#define LANEAGENT_CLINUX_H

#include <fcntl.h>
#include <malloc.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

/// A pipe whose ends no other program inherits.
static inline int linux_pipe_cloexec(int ends[2]) {
    extern int pipe2(int[2], int);
    return pipe2(ends, O_CLOEXEC);
}

/// A descriptor that becomes readable when a child has ended; -1 if there is none.
static inline int linux_process_descriptor(int process) {
    extern long syscall(long, ...);
    return (int)syscall(SYS_pidfd_open, process, 0);
}

/// The flag of posix_spawn for a session of its own.
static inline short linux_spawn_setsid(void) { return 0x80; }

/// Has a program that is to be started inherit no descriptor from this one on.
static inline int linux_spawn_closefrom(posix_spawn_file_actions_t *actions, int first) {
    extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

/// Bytes that the process has allocated and not freed, as far as glibc's allocator knows.
static inline unsigned long linux_heap_in_use(void) {
    struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

/// 1 if the kernel keeps the wall clock synchronised, 0 if not, -1 if it does not say.
static inline int linux_clock_is_synchronised(void) {
    struct timex state = {0};
    int result = adjtimex(&state);
    return result < 0 ? -1 : result != TIME_ERROR;
}

/// Has all threads of this program share two heaps of the C library, and gives large blocks back as they are freed.
static inline void linux_keep_memory_small(void) {
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
}

#endif
