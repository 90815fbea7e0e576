#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace millrace::aws {

/// An incremental message digest; one thread at a time.
class Digest {
 public:
  enum class Kind { Md5, Sha1, Sha256 };

  explicit Digest(Kind kind);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;

  void update(std::string_view bytes);
  /// The raw digest (16, 20 or 32 bytes) of everything since construction or the last finish();
  /// starts afresh.
  std::string finish();

 private:
  void start();

  struct Release {
    void operator()(evp_md_ctx_st* context) const;
  };
  Kind kind_;
  std::unique_ptr<evp_md_ctx_st, Release> context_;
};

/// Raw bytes; cheaper than a Digest for one short text.
std::string sha256(std::string_view bytes);
std::string md5(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);
/// Only for signatures of version 2.
std::string hmac_sha1(std::string_view key, std::string_view bytes);

}  // namespace millrace::aws
