#include "catalogues.h"

static const unsigned char chinese[] = {
#embed "zh-CN.yaml"
};

static const unsigned char english[] = {
#embed "en.yaml"
};

const unsigned char *catalogue_chinese(size_t *length) {
    *length = sizeof chinese;
    return chinese;
}

const unsigned char *catalogue_english(size_t *length) {
    *length = sizeof english;
    return english;
}
