#define _GNU_SOURCE
#include "reference.h"

#include <errno.h>
#include <fcntl.h>
#include <modbus/modbus.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

int reference_open_terminal(int *master, int *slave, char *path, size_t path_size) {
    struct termios settings;
    int m = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (m < 0) return errno;
    int s = -1;
    int problem = grantpt(m) != 0 || unlockpt(m) != 0 ? errno : ptsname_r(m, path, path_size);
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

int reference_serve_registers(int master, const uint16_t registers[3]) {
    // The name is never opened: the context is given the master's descriptor instead.
    modbus_t *context = modbus_new_rtu("/dev/null", 9600, 'N', 8, 1);
    if (!context) return errno;
    modbus_mapping_t *mapping = modbus_mapping_new(0, 0, 0, 3);
    if (!mapping || modbus_set_slave(context, 1) != 0 || modbus_set_socket(context, master) != 0) {
        int problem = errno;
        modbus_mapping_free(mapping);
        modbus_free(context);
        return problem;
    }
    memcpy(mapping->tab_input_registers, registers, 3 * sizeof registers[0]);
    uint8_t request[MODBUS_RTU_MAX_ADU_LENGTH];
    while (1) {
        int length = modbus_receive(context, request);
        if (length > 0) modbus_reply(context, request, length, mapping);
        // The last descriptor of the slave was closed: nobody will ask again.
        if (length < 0 && (errno == EIO || errno == EBADF)) break;
    }
    modbus_mapping_free(mapping);
    // Not modbus_close: it would restore settings that were never read.
    modbus_free(context);
    close(master);
    return 0;
}

struct reference_client {
    modbus_t *context;
};

struct reference_client *reference_client_open(const char *path) {
    struct reference_client *client = calloc(1, sizeof *client);
    if (!client) return NULL;
    client->context = modbus_new_rtu(path, 9600, 'N', 8, 1);
    if (client->context && modbus_set_slave(client->context, 1) == 0 && modbus_connect(client->context) == 0 &&
        modbus_set_response_timeout(client->context, 1, 0) == 0 &&
        modbus_set_byte_timeout(client->context, 0, 100000) == 0)
        return client;
    int problem = errno;
    if (client->context) modbus_free(client->context);
    free(client);
    errno = problem;
    return NULL;
}

int reference_client_read(
    struct reference_client *client, int count, int64_t pause_ns, const uint16_t expected[3]) {
    struct timespec pause = {pause_ns / 1000000000, pause_ns % 1000000000};
    uint16_t values[3];
    int good = 0;
    for (int index = 0; index < count; index++) {
        if (pause_ns > 0) nanosleep(&pause, NULL);
        int read = modbus_read_input_registers(client->context, 0, 3, values);
        if (read == 3 && memcmp(values, expected, sizeof values) == 0) good++;
    }
    return good;
}

void reference_client_close(struct reference_client *client) {
    modbus_close(client->context);
    modbus_free(client->context);
    free(client);
}
