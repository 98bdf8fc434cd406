#ifndef CATALOGUES_H
#define CATALOGUES_H

#include <stddef.h>

/// The texts in Simplified Chinese and in English: the bytes of the files in this folder.
///
/// Compiled by C, which takes them in at once; Swift's optimiser works for half a minute on arrays of this size.
const unsigned char *catalogue_chinese(size_t *length);
const unsigned char *catalogue_english(size_t *length);

#endif
