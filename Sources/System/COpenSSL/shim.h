#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

/* Sums of macros, which Swift does not import. */
static const int evp_pkey_public_key = EVP_PKEY_PUBLIC_KEY;
static const int evp_pkey_keypair = EVP_PKEY_KEYPAIR;

/* A parameter builder keeps the addresses of its names, so they must be C's and not a Swift text's passing copy. */
static const char *const sm2_group_member = OSSL_PKEY_PARAM_GROUP_NAME;
static const char *const sm2_public_key_member = OSSL_PKEY_PARAM_PUB_KEY;
static const char *const sm2_private_key_member = OSSL_PKEY_PARAM_PRIV_KEY;
static const char *const sm2_group_name = SN_sm2;
