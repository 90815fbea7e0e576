#include "trainer/vision/broken_images.h"

#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace {
namespace {

/// As many as the reason of a failed job has room for.
constexpr std::size_t kNamesInFailure = 3;

std::string share_of(std::int64_t count, std::int64_t images) {
  return std::to_string(count) + " of " + std::to_string(images) + " images";
}

}  // namespace

BrokenImages::BrokenImages(Log& log, std::string channel, double share)
    : log_(log), channel_(std::move(channel)), share_(share) {}

void BrokenImages::start(std::optional<std::int64_t> images) {
  images_ = images;
  ++epochs_;
  count_ = 0;
  first_.clear();
}

void BrokenImages::add(const BrokenImage& image) {
  ++count_;
  // The same images are broken in every epoch.
  if (epochs_ == 1 && count_ <= kNamed)
    log_.warning("Left out " + image.name + ": " + image.reason);
  if (epochs_ == 1 && count_ == kNamed + 1)
    log_.warning("Further broken images of channel " + channel_ + " are counted, not named");
  if (first_.size() < kNamesInFailure) first_.push_back(image);
  if (images_ && count_ > kNamed) check(*images_, /*at_end=*/false);
}

void BrokenImages::end(std::int64_t images) {
  check(images, /*at_end=*/true);
  if (count_ == told_) return;
  told_ = count_;
  log_.warning("Left out " + share_of(count_, images) + " in channel " + channel_ +
               ": they are broken");
}

void BrokenImages::check(std::int64_t images, bool at_end) const {
  const bool none_left = count_ > 0 && count_ == images;
  // A quotient is rounded as the share was when it was read; 0.29 * 100 is below 29.
  const bool too_many = static_cast<double>(count_) / static_cast<double>(images) > share_;
  if (!none_left && !too_many) return;
  const std::string channel = "channel '" + channel_ + "'";
  std::vector<std::string> names;
  for (const BrokenImage& image : first_) {
    const std::string prefix = channel + ", ";
    names.push_back(image.name.starts_with(prefix) ? image.name.substr(prefix.size()) : image.name);
  }
  throw Error(Blame::Customer,
              channel + (at_end ? ": " : ": at least ") + share_of(count_, images) + " are broken" +
                  (too_many ? ", and hyperparameter 'max_broken_images' allows a share of " +
                                  number_text(share_)
                            : ", which leaves none") +
                  ". The first: " + join(names, "; ") + "; of the first: " + first_[0].reason +
                  (too_many ? " Or raise max_broken_images." : ""));
}

}  // namespace millrace
