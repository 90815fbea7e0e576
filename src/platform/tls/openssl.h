#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace millrace::tls {

/// Frees what OpenSSL made with the function it has for that.
template <auto Free>
struct Release {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using PrivateKey = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using MemoryBio = std::unique_ptr<BIO, Release<BIO_free>>;
using ServerSettings = std::unique_ptr<SSL_CTX, Release<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Release<SSL_free>>;

/// Why the last call on this thread failed, in OpenSSL's words; empties the thread's error queue.
std::string openssl_reason();

/// Error(Platform) "<what>: <openssl_reason()>".
[[noreturn]] void throw_openssl(const std::string& what);

}  // namespace millrace::tls
