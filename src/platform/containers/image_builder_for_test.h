#pragma once

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "core/base/random.h"
#include "core/json/json.h"
#include "platform/containers/image_documents.h"

namespace millrace::containers {

/// One member of a ustar archive, whatever it says: POSIX.1-2008, pax, table 4-14.
inline std::string tar_member(const std::string& name, char type, const std::string& content = {},
                              const std::string& link = {}, unsigned mode = 0644) {
  constexpr std::size_t kBlock = 512;
  std::string header(kBlock, '\0');
  const auto put = [&](std::size_t at, const std::string& text) {
    header.replace(at, text.size(), text);
  };
  const auto octal = [](unsigned value) {
    std::array<char, 12> digits{};
    std::snprintf(digits.data(), digits.size(), "%011o", value);
    return std::string(digits.data());
  };
  put(0, name);
  put(100, octal(mode).substr(4));
  put(124, octal(static_cast<unsigned>(content.size())));
  put(136, octal(1'000'000'000));
  header[156] = type;
  put(157, link);
  put(257, std::string("ustar\0"
                       "00",
                       8));
  put(148, "        ");
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(148, octal(sum).substr(5) + std::string("\0 ", 2));
  std::string padding((kBlock - content.size() % kBlock) % kBlock, '\0');
  return header + content + padding;
}
inline std::string file(const std::string& name, const std::string& content, unsigned mode = 0644) {
  return tar_member(name, '0', content, {}, mode);
}
inline std::string directory(const std::string& name, unsigned mode = 0755) {
  return tar_member(name, '5', {}, {}, mode);
}
inline std::string symbolic_link(const std::string& name, const std::string& target) {
  return tar_member(name, '2', {}, target);
}
inline std::string hard_link(const std::string& name, const std::string& target) {
  return tar_member(name, '1', {}, target);
}
inline std::string tar(const std::string& members) {
  return members + std::string(1024, '\0');
}

/// A directory that goes with the test.
class Scratch {
 public:
  Scratch() : path_(std::filesystem::temp_directory_path() / ("millrace-images-" + random_hex(8))) {
    std::filesystem::create_directories(path_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline void write_text(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}
inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// An image in the making: its layers as tar, and what is stored of each.
struct ImageParts {
  std::vector<std::string> tars;
  std::vector<std::string> stored;  ///< packed or not; as many as tars
  Json process = Json::object();    ///< member "config" of its configuration
  std::string architecture = this_platform().architecture;
};

inline std::string config_text(const ImageParts& parts) {
  Json diff_ids = Json::array();
  for (const std::string& tar : parts.tars) diff_ids.push_back(sha256_digest(tar));
  return Json{{"architecture", parts.architecture},
              {"os", "linux"},
              {"config", parts.process},
              {"rootfs", {{"type", "layers"}, {"diff_ids", diff_ids}}}}
      .dump();
}

/// Stores a blob of an OCI layout and gives the descriptor of it.
inline Json put_blob(const std::filesystem::path& layout, const std::string& bytes,
                     const std::string& type) {
  const std::string digest = sha256_digest(bytes);
  write_text(layout / "blobs/sha256" / digest_hex(digest), bytes);
  return {{"mediaType", type}, {"digest", digest}, {"size", bytes.size()}};
}

/// Stores the image's blobs and gives the descriptor of its manifest.
inline Json put_image(const std::filesystem::path& layout, const ImageParts& parts) {
  Json layers = Json::array();
  for (const std::string& stored : parts.stored)
    layers.push_back(put_blob(layout, stored, "application/vnd.oci.image.layer.v1.tar"));
  const Json manifest{
      {"schemaVersion", 2},
      {"config", put_blob(layout, config_text(parts), "application/vnd.oci.image.config.v1+json")},
      {"layers", layers}};
  return put_blob(layout, manifest.dump(), "application/vnd.oci.image.manifest.v1+json");
}

inline void put_index(const std::filesystem::path& layout, const std::vector<Json>& manifests) {
  write_text(layout / "index.json", Json{{"schemaVersion", 2}, {"manifests", manifests}}.dump());
  write_text(layout / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
}

}  // namespace millrace::containers
