#include "platform/containers/image_documents.h"

#include <sys/utsname.h>

#include <algorithm>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "platform/aws/digest.h"

namespace millrace::containers {
namespace {

constexpr std::string_view kSha256 = "sha256:";
constexpr std::size_t kHexDigits = 64;
/// Docker's own limit is 127.
constexpr std::size_t kMaxLayers = 512;
constexpr std::size_t kMaxManifests = 1024;
constexpr const char* kFix = "The image is damaged, or no image: export it again.";

Json parse(std::string_view text, const std::string& origin) {
  Json document = parse_json(text, origin, {.max_bytes = kMaxDocumentBytes});
  return document;
}

std::string member_of(const std::string& origin, std::string_view name) {
  return origin + ", member '" + std::string(name) + "'";
}

/// nullptr where it is absent or null, as writers leave out what is empty or write null for it.
const Json* find(const Json& object, std::string_view name, const std::string& origin) {
  if (!object.is_object()) refuse(origin, to_text(object), "an object", kFix);
  const auto found = object.find(std::string(name));
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text_member(const Json& object, std::string_view name, const std::string& origin) {
  const Json* value = find(object, name, origin);
  if (value == nullptr) return {};
  if (!value->is_string()) refuse(member_of(origin, name), to_text(*value), "a string", kFix);
  return value->get<std::string>();
}

const Json& list_member(const Json& object, std::string_view name, const std::string& origin) {
  static const Json nothing = Json::array();
  const Json* value = find(object, name, origin);
  if (value == nullptr) return nothing;
  if (!value->is_array()) refuse(member_of(origin, name), to_text(*value), "a list", kFix);
  return *value;
}

std::vector<std::string> texts_member(const Json& object, std::string_view name,
                                      const std::string& origin) {
  std::vector<std::string> texts;
  for (const Json& each : list_member(object, name, origin)) {
    if (!each.is_string())
      refuse(member_of(origin, name), to_text(each), "a list of strings", kFix);
    texts.push_back(each.get<std::string>());
  }
  return texts;
}

Platform platform_of(const Json& object, const std::string& origin) {
  return {.os = text_member(object, "os", origin),
          .architecture = text_member(object, "architecture", origin),
          .variant = text_member(object, "variant", origin)};
}

void check_digest(const std::string& digest, const std::string& origin) {
  if (!is_digest(digest))
    refuse(origin, digest, "'sha256:' and 64 hexadecimal digits in small letters", kFix);
}

Descriptor descriptor_of(const Json& object, const std::string& origin) {
  Descriptor descriptor{.media_type = text_member(object, "mediaType", origin),
                        .digest = text_member(object, "digest", origin)};
  check_digest(descriptor.digest, member_of(origin, "digest"));
  const Json* size = find(object, "size", origin);
  if (size == nullptr || !size->is_number_integer() ||
      (!size->is_number_unsigned() && size->get<std::int64_t>() < 0)) {
    refuse(member_of(origin, "size"), size == nullptr ? std::string() : to_text(*size),
           "a number of bytes", kFix);
  }
  descriptor.size = size->get<std::uint64_t>();
  if (const Json* platform = find(object, "platform", origin))
    descriptor.platform = platform_of(*platform, member_of(origin, "platform"));
  if (const Json* annotations = find(object, "annotations", origin)) {
    const std::string where = member_of(origin, "annotations");
    if (!annotations->is_object()) refuse(where, to_text(*annotations), "an object", kFix);
    for (const auto& [name, value] : annotations->items()) {
      if (value.is_string()) descriptor.annotations.emplace(name, value.get<std::string>());
    }
  }
  return descriptor;
}

std::vector<Descriptor> descriptors_of(const Json& list, std::size_t limit,
                                       const std::string& origin) {
  if (list.size() > limit) {
    refuse(origin, std::to_string(list.size()) + " entries", "at most " + std::to_string(limit),
           kFix);
  }
  std::vector<Descriptor> descriptors;
  for (const Json& each : list) {
    descriptors.push_back(
        descriptor_of(each, origin + ", entry " + std::to_string(descriptors.size() + 1)));
  }
  return descriptors;
}

Manifest manifest_of(const Json& document, const std::string& origin) {
  const Json* config = find(document, "config", origin);
  if (config == nullptr) refuse(member_of(origin, "config"), {}, "an object", kFix);
  return {.media_type = text_member(document, "mediaType", origin),
          .config = descriptor_of(*config, member_of(origin, "config")),
          .layers = descriptors_of(list_member(document, "layers", origin), kMaxLayers,
                                   member_of(origin, "layers"))};
}

void read_environment(const Json& process, const std::string& origin, ImageConfig& config) {
  for (const std::string& variable : texts_member(process, "Env", origin)) {
    const std::size_t equals = variable.find('=');
    if (equals == 0 || equals == std::string::npos)
      refuse(member_of(origin, "Env"), variable, "NAME=value", kFix);
    config.environment[variable.substr(0, equals)] = variable.substr(equals + 1);
  }
}

}  // namespace

std::string platform_text(const Platform& platform) {
  return platform.os + "/" + platform.architecture +
         (platform.variant.empty() ? "" : "/" + platform.variant);
}

Platform this_platform() {
  utsname names{};
  ::uname(&names);
  const std::string machine = names.machine;
  const std::map<std::string, std::string> go_names{
      {"x86_64", "amd64"}, {"aarch64", "arm64"}, {"armv7l", "arm"}, {"i686", "386"}};
  const auto found = go_names.find(machine);
  return {.os = "linux", .architecture = found == go_names.end() ? machine : found->second};
}

bool runs_on(const Platform& image, const Platform& machine) {
  return image.os == machine.os && image.architecture == machine.architecture;
}

bool is_digest(std::string_view text) {
  if (!text.starts_with(kSha256) || text.size() != kSha256.size() + kHexDigits) return false;
  text.remove_prefix(kSha256.size());
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string sha256_digest(std::string_view bytes) {
  return std::string(kSha256) + to_hex(aws::sha256(bytes));
}

std::string digest_hex(std::string_view digest) {
  return std::string(digest.substr(kSha256.size()));
}

std::variant<Index, Manifest> parse_manifest(std::string_view text, const std::string& origin) {
  const Json document = parse(text, origin);
  if (find(document, "fsLayers", origin) != nullptr) {
    refuse(origin, "schema 1", "a manifest of OCI or of Docker's schema 2",
           "Export the image again with a tool of this decade.");
  }
  if (find(document, "manifests", origin) != nullptr) {
    return Index{.manifests = descriptors_of(list_member(document, "manifests", origin),
                                             kMaxManifests, member_of(origin, "manifests"))};
  }
  return manifest_of(document, origin);
}

ImageConfig parse_config(std::string_view text, const std::string& origin) {
  const Json document = parse(text, origin);
  ImageConfig config{.platform = platform_of(document, origin),
                     .created = text_member(document, "created", origin)};
  if (config.platform.os.empty() || config.platform.architecture.empty())
    refuse(origin, {}, "members 'os' and 'architecture'", kFix);
  if (const Json* process = find(document, "config", origin)) {
    const std::string where = member_of(origin, "config");
    config.entrypoint = texts_member(*process, "Entrypoint", where);
    config.arguments = texts_member(*process, "Cmd", where);
    config.working_directory = text_member(*process, "WorkingDir", where);
    config.user = text_member(*process, "User", where);
    read_environment(*process, where, config);
  }
  const Json* root = find(document, "rootfs", origin);
  if (root == nullptr) refuse(member_of(origin, "rootfs"), {}, "an object", kFix);
  config.diff_ids = texts_member(*root, "diff_ids", member_of(origin, "rootfs"));
  if (config.diff_ids.size() > kMaxLayers) {
    refuse(member_of(origin, "rootfs"), std::to_string(config.diff_ids.size()) + " layers",
           "at most " + std::to_string(kMaxLayers), kFix);
  }
  for (const std::string& digest : config.diff_ids)
    check_digest(digest, origin + ", member 'rootfs', member 'diff_ids'");
  return config;
}

std::vector<SavedImage> parse_saved_images(std::string_view text, const std::string& origin) {
  const Json document = parse(text, origin);
  if (!document.is_array() || document.empty() || document.size() > kMaxManifests)
    refuse(origin, to_text(document).substr(0, kHexDigits), "a list of images", kFix);
  std::vector<SavedImage> images;
  for (const Json& each : document) {
    const std::string where = origin + ", entry " + std::to_string(images.size() + 1);
    SavedImage image{.config = text_member(each, "Config", where),
                     .tags = texts_member(each, "RepoTags", where),
                     .layers = texts_member(each, "Layers", where)};
    if (image.config.empty()) refuse(member_of(where, "Config"), {}, "the name of a file", kFix);
    if (image.layers.size() > kMaxLayers) {
      refuse(member_of(where, "Layers"), std::to_string(image.layers.size()) + " layers",
             "at most " + std::to_string(kMaxLayers), kFix);
    }
    images.push_back(std::move(image));
  }
  return images;
}

}  // namespace millrace::containers
