// A certificate of a test's own.
#ifndef KEYFOLD_TESTS_SUPPORT_TEST_CERTIFICATE_H_
#define KEYFOLD_TESTS_SUPPORT_TEST_CERTIFICATE_H_

#include <cstdint>
#include <string>

namespace keyfold {

// Writes a new key and a certificate that it signs itself, with this serial number.
void WriteCertificate(const std::string& certificate_file, const std::string& key_file, int64_t serial);

}  // namespace keyfold

#endif  // KEYFOLD_TESTS_SUPPORT_TEST_CERTIFICATE_H_
