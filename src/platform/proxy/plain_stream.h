#pragma once

#include "core/base/error.h"
#include "core/http/secure_stream.h"

namespace millrace::proxy {

/// The bytes of a non-blocking socket as they are, where a relay could also have TLS. It does not
/// own the socket.
class PlainStream final : public http::SecureStream {
 public:
  explicit PlainStream(int fd) : fd_(fd) {}

  Step receive(std::span<char> target) override;
  Step send(std::string_view bytes) override;
  [[nodiscard]] bool pending() const override { return false; }
  [[nodiscard]] bool established() const override { return true; }
  void finish() noexcept override;

 private:
  int fd_;
};

}  // namespace millrace::proxy
