#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace {

/// arn:<partition>:<service>:<region>:<account>:<resource>, e.g. resource "training-job/name".
struct Arn {
  std::string service;
  std::string region;
  std::string account;
  std::string resource;

  [[nodiscard]] std::string text() const;
};

/// nullopt when the text has fewer than six parts or does not begin with "arn:aws".
std::optional<Arn> parse_arn(std::string_view text);

}  // namespace millrace
