#include "platform/containers/layer_source.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/gzip.h"
#include "codec/zstd.h"
#include "core/base/refuse.h"
#include "core/base/text.h"

namespace millrace::containers {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} * 1024;
constexpr const char* kFix = "The image is damaged: export it again.";

void check_digest(const std::string& where, const std::string& found, const std::string& expected) {
  if (found != expected) refuse(where, found, "the digest " + expected, kFix);
}

}  // namespace

std::size_t DigestSource::read(std::span<char> buffer) {
  const std::size_t got = source_.read(buffer);
  digest_.update({buffer.data(), got});
  count_ += got;
  return got;
}

std::string DigestSource::digest() {
  return "sha256:" + to_hex(digest_.finish());
}

/// The stored bytes from their first one, after a look at the first four.
class LayerSource::Beginning final : public ByteSource {
 public:
  explicit Beginning(ByteSource& source)
      : source_(source), left_(magic_.data(), read_full(source, magic_)) {}

  [[nodiscard]] std::string_view magic() const { return left_; }
  std::size_t read(std::span<char> buffer) override {
    if (left_.empty()) return source_.read(buffer);
    const std::size_t count = std::min(buffer.size(), left_.size());
    std::copy_n(left_.data(), count, buffer.data());
    left_.remove_prefix(count);
    return count;
  }

 private:
  ByteSource& source_;
  std::array<char, 4> magic_{};
  std::string_view left_;
};

LayerSource::LayerSource(ByteSource& stored, LayerExpectation expected)
    : expected_(std::move(expected)), stored_(stored) {
  auto beginning = std::make_unique<Beginning>(stored_);
  const std::string_view magic = beginning->magic();
  if (magic.starts_with("\x1f\x8b"))
    unpacked_ = std::make_unique<GzipSource>(*beginning, expected_.where);
  if (magic.starts_with("\x28\xb5\x2f\xfd"))
    unpacked_ = std::make_unique<ZstdSource>(*beginning, expected_.where);
  beginning_ = std::move(beginning);
  tar_ = std::make_unique<DigestSource>(unpacked_ ? *unpacked_ : *beginning_);
}

LayerSource::~LayerSource() = default;

std::size_t LayerSource::read(std::span<char> buffer) {
  const std::size_t got = tar_->read(buffer);
  if (tar_->count() > expected_.max_bytes) {
    refuse(expected_.where, "more than " + human_bytes(expected_.max_bytes) + " when unpacked",
           "an image within the limit", "Allow more with --max-size, if you trust the image.");
  }
  return got;
}

void LayerSource::finish() {
  std::vector<char> block(kBlockBytes);
  while (read(block) > 0) {
  }
  while (beginning_->read(block) > 0) {
  }
  if (stored_.count() != expected_.size) {
    refuse(expected_.where, std::to_string(stored_.count()) + " bytes",
           std::to_string(expected_.size) + ", as the manifest says", kFix);
  }
  if (!expected_.digest.empty()) check_digest(expected_.where, stored_.digest(), expected_.digest);
  check_digest(expected_.where + ", unpacked", tar_->digest(), expected_.diff_id);
}

}  // namespace millrace::containers
