#ifndef PACKS_H
#define PACKS_H

#include <stddef.h>

/// A pack's name, without the file's extension, and the bytes of its file in this folder.
struct embedded_pack {
    const char *name;
    const unsigned char *bytes;
    size_t length;
};

/// Every pack of this folder; after the last one comes one without a name.
///
/// Compiled by C, which takes them in at once; Swift's optimiser works for half a minute on arrays of this size.
const struct embedded_pack *embedded_packs(void);

#endif
