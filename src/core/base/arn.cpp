#include "core/base/arn.h"

#include "core/base/text.h"

namespace millrace {

std::string Arn::text() const { return "arn:aws:" + service + ":" + region + ":" + account + ":" + resource; }

std::optional<Arn> parse_arn(std::string_view text) {
  const auto parts = split(text, ':');
  if (parts.size() < 6 || parts[0] != "arn" || !parts[1].starts_with("aws")) return std::nullopt;
  const auto resource = static_cast<std::size_t>(parts[5].data() - text.data());
  return Arn{.service = std::string(parts[2]),
             .region = std::string(parts[3]),
             .account = std::string(parts[4]),
             .resource = std::string(text.substr(resource))};
}

}  // namespace millrace
