#include "reference.h"

#include <openssl/evp.h>
#include <stdlib.h>

static const char sm2_identity[] = "distid:1234567812345678";

struct reference_notary {
    EVP_PKEY *ed25519, *sm2;
    unsigned char signatures[2][128];
    size_t lengths[2];
};

struct reference_notary *reference_notary_open(void) {
    struct reference_notary *notary = calloc(1, sizeof *notary);
    if (!notary) return NULL;
    notary->ed25519 = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    notary->sm2 = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    if (notary->ed25519 && notary->sm2) return notary;
    reference_notary_close(notary);
    return NULL;
}

static int digest(struct reference_bytes content) {
    unsigned char value[32];
    return EVP_Digest(content.bytes, content.count, value, NULL, EVP_sha256(), NULL) == 1
        && EVP_Digest(content.bytes, content.count, value, NULL, EVP_sm3(), NULL) == 1;
}

/// A signing or verifying state for one of the keys, with SM2's identity; NULL if there is none.
static EVP_MD_CTX *state(struct reference_notary *notary, int which, int signing) {
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    EVP_PKEY_CTX *key = NULL;
    const EVP_MD *hash = which ? EVP_sm3() : NULL;
    EVP_PKEY *pair = which ? notary->sm2 : notary->ed25519;
    if (!state) return NULL;
    if (which) {
        key = EVP_PKEY_CTX_new(pair, NULL);
        EVP_MD_CTX_set_pkey_ctx(state, key);
        if (!key || EVP_PKEY_CTX_set1_id(key, sm2_identity + 7, sizeof sm2_identity - 8) <= 0) {
            EVP_MD_CTX_free(state);
            EVP_PKEY_CTX_free(key);
            return NULL;
        }
    }
    int begun = signing ? EVP_DigestSignInit(state, NULL, hash, NULL, pair)
                        : EVP_DigestVerifyInit(state, NULL, hash, NULL, pair);
    if (begun == 1) return state;
    EVP_MD_CTX_free(state);
    EVP_PKEY_CTX_free(key);
    return NULL;
}

static void drop(EVP_MD_CTX *state, int which) {
    // A state does not own a key context that was set from outside.
    EVP_PKEY_CTX *key = which ? EVP_MD_CTX_pkey_ctx(state) : NULL;
    EVP_MD_CTX_free(state);
    EVP_PKEY_CTX_free(key);
}

int reference_notary_seal(
    struct reference_notary *notary, const struct reference_bytes *contents, size_t count,
    struct reference_bytes payload) {
    for (size_t index = 0; index < count; index++)
        if (!digest(contents[index])) return 1;
    for (int which = 0; which < 2; which++) {
        EVP_MD_CTX *signing = state(notary, which, 1);
        if (!signing) return 1;
        notary->lengths[which] = sizeof notary->signatures[which];
        int done = EVP_DigestSign(
            signing, notary->signatures[which], &notary->lengths[which], payload.bytes, payload.count);
        drop(signing, which);
        if (done != 1) return 1;
    }
    return 0;
}

int reference_notary_verify(
    struct reference_notary *notary, const struct reference_bytes *contents, size_t count,
    struct reference_bytes payload) {
    for (size_t index = 0; index < count; index++)
        if (!digest(contents[index])) return 1;
    for (int which = 0; which < 2; which++) {
        EVP_MD_CTX *verifying = state(notary, which, 0);
        if (!verifying) return 1;
        int good = EVP_DigestVerify(
            verifying, notary->signatures[which], notary->lengths[which], payload.bytes, payload.count);
        drop(verifying, which);
        if (good != 1) return 1;
    }
    return 0;
}

void reference_notary_close(struct reference_notary *notary) {
    if (!notary) return;
    EVP_PKEY_free(notary->ed25519);
    EVP_PKEY_free(notary->sm2);
    free(notary);
}
