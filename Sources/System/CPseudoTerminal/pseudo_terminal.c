#define _GNU_SOURCE
#include "pseudo_terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

static atomic_ulong modem_line_answers;

unsigned long pseudo_terminal_modem_line_answers(void) {
    return atomic_load(&modem_line_answers);
}

int pseudo_terminal_open(int *master, int *slave, char *path, unsigned long path_size) {
    struct termios settings;
    int m = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (m < 0) return errno;
    int s = -1;
    int problem = 0;
    if (grantpt(m) != 0 || unlockpt(m) != 0) problem = errno;
    if (!problem) problem = ptsname_r(m, path, path_size);
    if (!problem && (s = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0) problem = errno;
    if (!problem && tcgetattr(s, &settings) != 0) problem = errno;
    if (!problem) {
        cfmakeraw(&settings);
        if (tcsetattr(s, TCSANOW, &settings) != 0) problem = errno;
    }
    if (problem) {
        if (s >= 0) close(s);
        close(m);
        return problem;
    }
    *master = m;
    *slave = s;
    return 0;
}

/// Replaces the C library's `ioctl` in builds with simulators: `used` and default visibility, so that the linker
/// keeps it and shared libraries find it before the C library's.
__attribute__((used, visibility("default"))) int ioctl(int fd, unsigned long request, ...) {
    va_list arguments;
    va_start(arguments, request);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);

    int result = (int)syscall(SYS_ioctl, fd, request, argument);
    if (result != -1 || errno != ENOTTY) return result;

    int missing = errno;
    switch (request) {
    case TIOCMGET:
    case TIOCMSET:
    case TIOCMBIS:
    case TIOCMBIC:
        break;
    default:
        return result;
    }
    if (!isatty(fd)) {
        errno = missing;
        return -1;
    }
    if (request == TIOCMGET) *(int *)argument = TIOCM_DTR | TIOCM_RTS | TIOCM_CTS | TIOCM_DSR | TIOCM_CAR;
    atomic_fetch_add(&modem_line_answers, 1);
    return 0;
}
