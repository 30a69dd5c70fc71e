#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

// The digest alone. SHA256() goes through OpenSSL's providers since version 3, which takes 2 MB of memory once and a microsecond each time;
// what it did before is there still, and does the same.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static inline void crypto_sha256(const void *data, size_t size, unsigned char digest[SHA256_DIGEST_LENGTH]) {
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, data, size);
    SHA256_Final(digest, &context);
}
#pragma GCC diagnostic pop
