#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace millrace {

/// An image that cannot be decoded.
struct BrokenImage {
  std::int64_t number = 0;  ///< its place in the set or stream, from 0
  std::string name;         ///< as ImageSet::name() has it
  std::string reason;       ///< as decode_image() tells it, with the remedy
};

/// How many images of a set may be broken, and in which words that is said.
struct BrokenImageLimit {
  std::string place;       ///< which the names of its images may begin with: "channel 'train'"
  double share = 0;        ///< of all images, 0 to 1
  std::string allowed_by;  ///< what sets the share: "hyperparameter 'max_broken_images'"
};

/// Keeps account of the images of one set that are left out because they are broken: warnings name
/// the first ones and say at the end of an epoch how many there were; more than the share that is
/// allowed end it with an error. Used by one thread.
class BrokenImages {
 public:
  /// Warnings that name a broken image, at most.
  static constexpr std::int64_t kNamed = 20;
  /// Broken images of an epoch that are remembered, at most.
  static constexpr std::size_t kRemembered = 1000;

  using Warn = std::function<void(const std::string& line)>;
  BrokenImages(BrokenImageLimit limit, Warn warn);

  /// A new epoch, of so many images where that is known before they are read.
  void start(std::optional<std::int64_t> images);
  /// Throws Error(Customer) once more are broken than the share of a known number allows, but not
  /// before warnings have named kNamed of them: whoever mends the data wants to know them all.
  void add(const BrokenImage& image);
  /// The epoch had so many images, broken ones included. Throws Error(Customer) when too many of
  /// them are broken, or all.
  void end(std::int64_t images);

  /// Of the epoch so far.
  [[nodiscard]] std::int64_t count() const { return count_; }
  /// The same images, as they came; those beyond kRemembered are only counted.
  [[nodiscard]] const std::vector<BrokenImage>& first() const { return first_; }

 private:
  void check(std::int64_t images, bool at_end) const;

  BrokenImageLimit limit_;
  Warn warn_;
  std::optional<std::int64_t> images_;
  std::int64_t epochs_ = 0;
  std::int64_t count_ = 0;
  std::int64_t told_ = 0;  ///< the count that was told last
  std::vector<BrokenImage> first_;
};

}  // namespace millrace
