#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "trainer/vision/image_stream.h"
#include "trainer/vision/random_stream.h"

namespace millrace {

/// Mixes a stream that is too long to be held: keeps a window of it, from which images leave at
/// random. An image moves forwards by any distance and backwards by about the window at most, so
/// data that is sorted by class over more than a window stays partly sorted; one that fits the
/// window is shuffled as a whole.
///
///     while (auto image = stream.next()) {
///       buffer.add(*std::move(image));
///       while (buffer.full()) use(buffer.take());
///     }
///     while (!buffer.empty()) use(buffer.take());
class ShuffleBuffer {
 public:
  /// The window: so many images or so many encoded bytes, whichever is reached first.
  static constexpr std::size_t kImages = 10'000;
  static constexpr std::size_t kBytes = std::size_t{256} << 20;

  explicit ShuffleBuffer(RandomStream random) : random_(random) {}

  void add(StreamedImage image) {
    bytes_ += image.bytes.size();
    images_.push_back(std::move(image));
  }
  [[nodiscard]] bool empty() const { return images_.empty(); }
  [[nodiscard]] bool full() const { return images_.size() >= kImages || bytes_ >= kBytes; }
  /// One of those that are held, each with the same chance; there must be one.
  StreamedImage take() {
    const auto at =
        static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(images_.size())));
    std::swap(images_[at], images_.back());
    StreamedImage image = std::move(images_.back());
    images_.pop_back();
    bytes_ -= image.bytes.size();
    return image;
  }

 private:
  RandomStream random_;
  std::vector<StreamedImage> images_;
  std::size_t bytes_ = 0;
};

}  // namespace millrace
