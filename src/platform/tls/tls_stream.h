#pragma once

#include <string>

#include "core/http/secure_stream.h"
#include "platform/tls/openssl.h"

namespace millrace::tls {

/// The server's side of one TLS connection; one thread at a time.
class TlsStream final : public http::SecureStream {
 public:
  /// `host`: whose certificate a client gets that asks for none by name.
  TlsStream(Session session, int fd, std::string host);
  ~TlsStream() override { finish(); }

  Step receive(std::span<char> target) override;
  Step send(std::string_view bytes) override;
  [[nodiscard]] bool pending() const override;
  [[nodiscard]] bool established() const override;
  void finish() noexcept override;

 private:
  Step outcome();

  std::string host_;  ///< OpenSSL's application data
  Session session_;
  int fd_;
  bool over_ = false;  ///< failed, or finished: nothing may be sent any more
};

}  // namespace millrace::tls
