// libFuzzer's own entry, for a program with a main of its own.
#ifndef LANEAGENT_FUZZER_DRIVER_H
#define LANEAGENT_FUZZER_DRIVER_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one_input)(const uint8_t *data, size_t size));

#endif
