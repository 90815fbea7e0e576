#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace millrace::containers {

/// The JSON documents of container images, as the OCI image specification 1.1 and Docker's image
/// specification 1.2 (docker save) have them. They come from strangers: every parser throws
/// Error(Customer) "<origin>...: ..." for what is not of the form it expects, and members that are
/// of no use here are ignored whatever they hold.

/// What an image was built for.
struct Platform {
  std::string os;            ///< "linux"
  std::string architecture;  ///< "amd64", "arm64", ... as Go calls them
  std::string variant{};     ///< "v7", "v8"; may be empty
  bool operator==(const Platform&) const = default;
};
/// "linux/arm/v7"
std::string platform_text(const Platform& platform);
/// This machine's, without a variant.
Platform this_platform();
/// Whether an image for `image` runs where this_platform() is `machine`: a variant that the image
/// names is taken on trust.
bool runs_on(const Platform& image, const Platform& machine);

/// "sha256:" and 64 small hexadecimal digits, the one kind of digest that is read here.
bool is_digest(std::string_view text);
/// The digest of these bytes.
std::string sha256_digest(std::string_view bytes);
/// Its 64 digits.
std::string digest_hex(std::string_view digest);

/// Names a blob.
struct Descriptor {
  std::string media_type;
  std::string digest;
  std::uint64_t size = 0;
  std::optional<Platform> platform{};
  std::map<std::string, std::string> annotations{};
};

/// Of several images, or of one image for several platforms.
struct Index {
  std::vector<Descriptor> manifests;
};

struct Manifest {
  std::string media_type;
  Descriptor config;
  std::vector<Descriptor> layers;  ///< the lowest first
};

/// What an image says about running it, and what it is made of.
struct ImageConfig {
  Platform platform;
  std::vector<std::string> entrypoint{};
  std::vector<std::string> arguments{};              ///< "Cmd": where the caller gives none
  std::map<std::string, std::string> environment{};  ///< the last of two with one name
  std::string working_directory{};                   ///< empty: "/"
  std::string user{};                   ///< "name", "name:group", "1000:1000"; may be empty
  std::string created{};                ///< as stored; may be empty
  std::vector<std::string> diff_ids{};  ///< digests of the layers as tar, the lowest first
};

/// One image of a `docker save` archive.
struct SavedImage {
  std::string config;               ///< file of the archive
  std::vector<std::string> tags;    ///< "churn:3"
  std::vector<std::string> layers;  ///< files of the archive, the lowest first
};

/// index.json, or a blob that an index names.
std::variant<Index, Manifest> parse_manifest(std::string_view text, const std::string& origin);
ImageConfig parse_config(std::string_view text, const std::string& origin);
/// manifest.json of `docker save`.
std::vector<SavedImage> parse_saved_images(std::string_view text, const std::string& origin);

/// More are no document of an image.
inline constexpr std::size_t kMaxDocumentBytes = 4 * 1024 * 1024;

}  // namespace millrace::containers
