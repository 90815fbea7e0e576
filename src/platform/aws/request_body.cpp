#include "platform/aws/request_body.h"

#include <algorithm>
#include <span>

#include "core/base/error.h"

namespace millrace::aws {
namespace {

Error too_large(std::optional<std::uint64_t> bytes, std::uint64_t limit) {
  return {Blame::Customer, "RequestEntityTooLarge",
          "The request's body" +
              (bytes ? " of " + std::to_string(*bytes) + " bytes" : std::string()) +
              " is larger than the limit of " + std::to_string(limit) + " bytes."};
}

}  // namespace

std::string read_body(ByteSource& body, std::optional<std::uint64_t> length, std::uint64_t limit,
                      std::chrono::milliseconds timeout) {
  if (length && *length > limit) throw too_large(length, limit);
  const auto due = std::chrono::steady_clock::now() + timeout;
  std::string text;
  // Grows as bytes arrive: a length that is only claimed must not cost memory.
  constexpr std::uint64_t kExpected = 256 * 1024;
  constexpr std::uint64_t kBlock = 64 * 1024;
  constexpr std::uint64_t kTail = 16;
  if (length) text.reserve(static_cast<std::size_t>(std::min(*length, kExpected)) + kTail);
  for (;;) {
    const std::size_t before = text.size();
    const std::uint64_t expected =
        length && *length > before ? *length - before : (length ? kTail : kBlock);
    const auto room = static_cast<std::size_t>(std::min(expected, kBlock));
    text.resize(before + room);
    const std::size_t got = body.read(std::span(text).subspan(before));
    text.resize(before + got);
    if (got == 0) return text;
    if (text.size() > limit) throw too_large(std::nullopt, limit);
    if (std::chrono::steady_clock::now() >= due) {
      throw Error(Blame::Customer, "RequestTimeout",
                  "The request's body did not arrive within " + std::to_string(timeout.count()) +
                      " ms; " + std::to_string(text.size()) +
                      " bytes did. Send the request again.");
    }
  }
}

}  // namespace millrace::aws
