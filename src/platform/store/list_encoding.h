#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::store {

/// How a listing writes the names in it: as they are, or percent-encoded where the client asked for
/// encoding-type=url, since XML cannot hold every character that a key can.
class ListEncoding {
 public:
  explicit ListEncoding(const std::optional<std::string>& encoding_type);

  [[nodiscard]] std::string operator()(std::string_view name) const;

 private:
  bool url_ = false;
};

/// The page size asked for, at most S3's 1000. Throws Error(Customer, InvalidArgument) for a
/// negative one.
std::int64_t page_size(const std::optional<std::int64_t>& asked, std::string_view parameter);

/// An opaque text, safe in a URL, and what it stood for. Throws InvalidArgument when it is none of
/// ours.
std::string continuation_token(std::string_view last);
std::string continuation_of(std::string_view token);

}  // namespace millrace::store
