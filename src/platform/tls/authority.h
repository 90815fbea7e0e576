#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/guarded.h"
#include "platform/tls/openssl.h"

namespace millrace::tls {

/// The installation's own certificate authority: it vouches for the daemon's addresses, and for
/// Amazon's host names towards programs that were told to trust it (`millrace run`).
///
/// Its key is a file that only its owner can read. Name constraints (RFC 5280 section 4.2.1.10)
/// bound what a stolen key could do to somebody who trusts it: it speaks for the domains of AWS,
/// for this machine and for local names and private addresses, and for nobody else.
class Authority {
 public:
  /// The one of `directory`, which is made (mode 0700) with a new authority when it is not there;
  /// of several processes that do so at once one wins. Throws Error(Platform) when its files do not
  /// fit, have run out, or when others may read its key.
  explicit Authority(const std::filesystem::path& directory);

  /// PEM, for those who are to trust it.
  [[nodiscard]] std::filesystem::path certificate_file() const;

  /// A certificate for the host name or IP address, valid from now for months; kept in memory for a
  /// day. Many threads at once. Throws Error(Customer) for what is neither.
  [[nodiscard]] std::shared_ptr<X509> certificate_for(std::string_view host);
  /// The key of every certificate_for(); lives in memory only.
  [[nodiscard]] EVP_PKEY* host_key() const { return host_key_.get(); }

 private:
  struct Issued {
    std::shared_ptr<X509> certificate;
    std::chrono::steady_clock::time_point at;
  };

  void load();
  [[nodiscard]] Certificate issue(const std::string& host) const;

  std::filesystem::path directory_;
  PrivateKey key_;
  Certificate certificate_;
  PrivateKey host_key_;
  Guarded<std::unordered_map<std::string, Issued>> issued_;
};

/// Letters, digits, '-', '_' and dots between, at most 253 bytes.
bool is_host_name(std::string_view text);
/// IPv4 or IPv6, without brackets.
bool is_ip_address(std::string_view text);

}  // namespace millrace::tls
