// The functions are libFuzzer's.
#include "fuzzer_driver.h"
