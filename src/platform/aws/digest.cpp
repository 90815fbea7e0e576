#include "platform/aws/digest.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>

#include <array>

#include "core/base/error.h"

namespace millrace::aws {
namespace {

constexpr std::size_t kSha256Bytes = 32;

void require(bool done, const char* what) {
  if (!done) throw Error(Blame::Platform, std::string("OpenSSL refused ") + what);
}

/// Fetched once: looking an algorithm up costs more than hashing a short text.
const EVP_MD* fetched(Digest::Kind kind) {
  static const EVP_MD* const kMd5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
  static const EVP_MD* const kSha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  switch (kind) {
    case Digest::Kind::Md5:
      return kMd5;
    case Digest::Kind::Sha1:
      return kSha1;
    case Digest::Kind::Sha256:
      return kSha256;
  }
  return nullptr;
}

struct ReleaseMac {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, ReleaseMac>;

MacContext new_hmac() {
  static EVP_MAC* const kHmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  require(kHmac != nullptr, "HMAC");
  MacContext context(EVP_MAC_CTX_new(kHmac));
  char name[] = "SHA256";
  const std::array<OSSL_PARAM, 2> parameters{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0), OSSL_PARAM_construct_end()};
  require(context && EVP_MAC_CTX_set_params(context.get(), parameters.data()) == 1,
          "HMAC with SHA-256");
  return context;
}

}  // namespace

void Digest::Release::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Digest::Digest(Kind kind) : kind_(kind), context_(EVP_MD_CTX_new()) {
  start();
}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::start() {
  require(context_ && EVP_DigestInit_ex2(context_.get(), fetched(kind_), nullptr) == 1,
          "a message digest");
}

void Digest::update(std::string_view bytes) {
  require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1, "bytes to digest");
}

std::string Digest::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  require(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1, "to finish a digest");
  start();
  return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string sha256(std::string_view bytes) {
  thread_local Digest digest(Digest::Kind::Sha256);
  digest.update(bytes);
  return digest.finish();
}

std::string md5(std::string_view bytes) {
  thread_local Digest digest(Digest::Kind::Md5);
  digest.update(bytes);
  return digest.finish();
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  thread_local const MacContext context = new_hmac();
  std::array<unsigned char, kSha256Bytes> mac;
  std::size_t size = 0;
  // An empty key pointer would mean "the previous key" to OpenSSL.
  const auto* key_bytes = reinterpret_cast<const unsigned char*>(key.empty() ? "" : key.data());
  require(EVP_MAC_init(context.get(), key_bytes, key.size(), nullptr) == 1 &&
              EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(bytes.data()),
                             bytes.size()) == 1 &&
              EVP_MAC_final(context.get(), mac.data(), &size, mac.size()) == 1,
          "to compute an HMAC");
  return {reinterpret_cast<const char*>(mac.data()), size};
}

std::string hmac_sha1(std::string_view key, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac;
  unsigned size = 0;
  const unsigned char* done =
      HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), mac.data(), &size);
  require(done != nullptr, "to compute an HMAC");
  return {reinterpret_cast<const char*>(mac.data()), size};
}

}  // namespace millrace::aws
