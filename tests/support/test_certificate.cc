#include "support/test_certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>

#include "base/check.h"

namespace keyfold {
namespace {

template <typename Write>
void WritePem(const std::string& file, Write write) {
  std::FILE* const out = std::fopen(file.c_str(), "w");
  KEYFOLD_CHECK(out != nullptr && write(out) == 1);
  std::fclose(out);
}

}  // namespace

void WriteCertificate(const std::string& certificate_file, const std::string& key_file, int64_t serial) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  KEYFOLD_CHECK(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  WritePem(certificate_file, [&](std::FILE* out) { return PEM_write_X509(out, certificate.get()); });
  WritePem(key_file,
           [&](std::FILE* out) { return PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}

}  // namespace keyfold
