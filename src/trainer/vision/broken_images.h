#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "trainer/job/log.h"

namespace millrace {

/// An image that cannot be decoded.
struct BrokenImage {
  std::string name;    ///< as ImageSet::name() has it
  std::string reason;  ///< as decode_image() tells it, with the remedy
};

/// Keeps account of the images of one channel that are left out because they are broken: the log
/// names the first ones and says at the end of an epoch how many there were; more than a share of
/// all ends the job. Used by one thread.
class BrokenImages {
 public:
  /// Lines of the log that name a broken image, at most.
  static constexpr std::int64_t kNamed = 20;

  /// `share` of the channel's images, 0 to 1, that may be broken. `log` must outlive this.
  BrokenImages(Log& log, std::string channel, double share);

  /// A new epoch, of so many images where that is known before they are read.
  void start(std::optional<std::int64_t> images);
  /// Throws Error(Customer) once more are broken than the share of a known number allows, but not
  /// before the log has named kNamed of them: whoever mends the data wants to know them all.
  void add(const BrokenImage& image);
  /// The epoch had so many images, broken ones included. Throws Error(Customer) when too many of
  /// them are broken, or all.
  void end(std::int64_t images);

  /// Of the epoch so far.
  [[nodiscard]] std::int64_t count() const { return count_; }

 private:
  void check(std::int64_t images, bool at_end) const;

  Log& log_;
  std::string channel_;
  double share_;
  std::optional<std::int64_t> images_;
  std::int64_t epochs_ = 0;
  std::int64_t count_ = 0;
  std::int64_t told_ = 0;  ///< the count that the log gave last
  std::vector<BrokenImage> first_;
};

}  // namespace millrace
