#include "platform/console/preview/place.h"

#include <algorithm>
#include <optional>

#include "core/base/error.h"
#include "core/base/refuse.h"
#include "core/base/text.h"

namespace millrace::console {
namespace {

constexpr std::string_view kS3 = "s3://";
constexpr std::string_view kFileSystem = "fs-";

std::string_view without_slashes(std::string_view path) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  return path;
}

/// A path of a file system in its one form: policies are asked about this text. nullopt where it
/// leads up, or could be cut by a NUL.
std::optional<std::string> plain_path(std::string_view path) {
  if (path.find('\0') != std::string_view::npos) return std::nullopt;
  std::string plain;
  for (const std::string_view part : split(path, '/')) {
    if (part == "..") return std::nullopt;
    if (part.empty() || part == ".") continue;
    if (!plain.empty()) plain += '/';
    plain += part;
  }
  if (!plain.empty() && path.ends_with('/')) plain += '/';
  return plain;
}

}  // namespace

Place Place::parse(std::string_view text, std::string_view where) {
  Place place;
  if (text.starts_with(kS3)) {
    const std::string_view rest = text.substr(kS3.size());
    const std::size_t slash = rest.find('/');
    place.kind = Kind::S3;
    place.container = rest.substr(0, slash);
    if (slash != std::string_view::npos) place.path = rest.substr(slash + 1);
  } else if (const std::size_t colon = text.find(':');
             text.starts_with(kFileSystem) && colon != std::string_view::npos) {
    place.kind = Kind::FileSystem;
    place.container = text.substr(0, colon);
    const std::optional<std::string> path = plain_path(text.substr(colon + 1));
    if (!path) refuse(std::string(where), text, "a path without '..'");
    place.path = *path;
  }
  if (place.container.empty()) {
    refuse(std::string(where), text, "s3://bucket/key or fs-0123456789abcdef0:/path");
  }
  return place;
}

std::string Place::text() const {
  if (kind == Kind::S3) return std::string(kS3) + container + "/" + path;
  return container + ":/" + path;
}

Place Place::below(std::string_view relative) const {
  Place place = *this;
  if (!place.path.empty() && !place.path.ends_with('/')) place.path += '/';
  place.path += without_slashes(relative);
  if (kind == Kind::FileSystem) {
    std::optional<std::string> plain = plain_path(place.path);
    if (!plain) {
      throw Error(Blame::Customer, "ResourceNotFoundException",
                  "The path '" + printable(relative, 200) + "' leads out of " + text() + ".");
    }
    place.path = *std::move(plain);
  }
  return place;
}

}  // namespace millrace::console
