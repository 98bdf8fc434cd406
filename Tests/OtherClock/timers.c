// Loaded before libfaketime, which takes the absolute times of all timers for times of the wall clock: with a clock set
// back by an hour, whatever waits on the monotonic clock would wait an hour longer, and Swift's runtime does.
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

int timerfd_settime(int timer, int flags, const struct itimerspec *time, struct itimerspec *before) {
    return (int)syscall(SYS_timerfd_settime, timer, flags, time, before);
}
