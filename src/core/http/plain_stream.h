#pragma once

#include "core/base/error.h"
#include "core/http/secure_stream.h"

namespace millrace::http {

/// The bytes of a socket as they are, where there could also be TLS. Never waits, whether the
/// socket blocks or not; does not own it.
class PlainStream final : public SecureStream {
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

}  // namespace millrace::http
