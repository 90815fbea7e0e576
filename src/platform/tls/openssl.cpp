#include "platform/tls/openssl.h"

#include <openssl/err.h>

#include "core/base/error.h"

namespace millrace::tls {

std::string openssl_reason() {
  const unsigned long first = ERR_get_error();
  ERR_clear_error();
  const char* reason = first == 0 ? nullptr : ERR_reason_error_string(first);
  return reason == nullptr ? "unknown reason" : reason;
}

void throw_openssl(const std::string& what) {
  throw Error(Blame::Platform, what + ": " + openssl_reason());
}

}  // namespace millrace::tls
