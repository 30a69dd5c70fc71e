// OpenSSL's certificates and TLS, with functions for what its headers have as macros, which do not reach Swift.
#ifndef FIELDPROOF_CTLS_H
#define FIELDPROOF_CTLS_H

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/// A key on P-256 (EVP_PKEY_Q_keygen(3), which is variadic); null when there is none to be had.
static inline EVP_PKEY *ctls_new_key(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"); }

/// Whether a key is on an elliptic curve of 256 bits or more, RSA of 2048 bits or more, or Ed25519.
static inline int ctls_is_usual_key(const EVP_PKEY *key) {
    int kind = EVP_PKEY_get_base_id(key);
    return (kind == EVP_PKEY_EC && EVP_PKEY_get_bits(key) >= 256) || (kind == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) >= 2048) ||
        kind == EVP_PKEY_ED25519;
}

/// A certificate, request or list signed by a key: with its own digest where it has one.
static inline const EVP_MD *ctls_digest(const EVP_PKEY *key) {
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? NULL : EVP_sha256();
}

/// Reads a copy of the bytes, which BIO_new_mem_buf(3) would only point to: an array lent to a call is gone after it. Null without memory.
static inline BIO *ctls_reader(const void *bytes, int count) {
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL) return NULL;
    // Without a further byte it is at its end, as with BIO_new_mem_buf(3), and not to be asked again.
    BIO_set_mem_eof_return(bio, 0);
    if (count <= 0 || BIO_write(bio, bytes, count) == count) return bio;
    BIO_free(bio);
    return NULL;
}

/// The bytes that were written to a memory BIO; theirs is the BIO's life.
static inline long ctls_written(BIO *bio, char **bytes) { return BIO_get_mem_data(bio, bytes); }

/// The next certificate of a PEM file, with no password asked for.
static inline X509 *ctls_read_certificate(BIO *bio) { return PEM_read_bio_X509(bio, NULL, NULL, NULL); }

/// Whether the last error means that a PEM file has no further block.
static inline int ctls_is_end_of_pem(void) {
    unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

static inline const char *ctls_reason(unsigned long error) { return ERR_reason_error_string(error); }

/// Adds an extension in the words of x509v3_config(5) to a certificate; 1 when done.
static inline int ctls_extend(X509 *certificate, X509 *issuer, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    if (extension == NULL) return 0;
    int status = X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return status;
}

/// Adds an extension to a revocation list; 1 when done.
static inline int ctls_extend_list(X509_CRL *list, X509 *issuer, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, NULL, NULL, list, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    if (extension == NULL) return 0;
    int status = X509_CRL_add_ext(list, extension, -1);
    X509_EXTENSION_free(extension);
    return status;
}

/// How many names a `subjectAltName` has, as X509_get_ext_d2i(3) gives it.
static inline int ctls_name_count(const void *names) { return sk_GENERAL_NAME_num((const GENERAL_NAMES *)names); }

/// The DNS name or address at a place in it, and which of the two it is (GEN_DNS, GEN_IPADD); null for another kind.
static inline const ASN1_STRING *ctls_name(const void *names, int index, int *kind) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value((const GENERAL_NAMES *)names, index);
    *kind = name->type;
    if (name->type == GEN_DNS) return name->d.dNSName;
    return name->type == GEN_IPADD ? name->d.iPAddress : NULL;
}

static inline void ctls_free_names(void *names) { GENERAL_NAMES_free((GENERAL_NAMES *)names); }

static inline int ctls_revoked_count(X509_CRL *list) { return sk_X509_REVOKED_num(X509_CRL_get_REVOKED(list)); }

static inline X509_REVOKED *ctls_revoked(X509_CRL *list, int index) {
    return sk_X509_REVOKED_value(X509_CRL_get_REVOKED(list), index);
}

/// TLS 1.2 or newer, and buffers that an idle connection does not keep.
static inline int ctls_prepare(SSL_CTX *context) {
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1;
}

static inline int ctls_add_to_chain(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

#endif
