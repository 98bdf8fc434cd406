#ifndef PSEUDO_TERMINAL_H
#define PSEUDO_TERMINAL_H

/// Opens a pseudo-terminal pair (伪终端) in raw mode, both descriptors close-on-exec.
///
/// The slave side stands in for a serial port: `path` receives its name under /dev/pts.
/// Returns 0, or an errno value with nothing left open.
int pseudo_terminal_open(int *master, int *slave, char *path, unsigned long path_size);

/// How often a request for modem lines has been answered for a terminal that has none.
///
/// libserialport asks every port for its modem lines and refuses a port without them; a pseudo-terminal has
/// none. This target therefore defines `ioctl`, which answers those requests and passes every other one through.
/// A test asserts that this counter moves, since a linker that stops preferring our definition would do so silently.
unsigned long pseudo_terminal_modem_line_answers(void);

#endif
