#include "trainer/vision/broken_images.h"

#include <algorithm>
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

BrokenImages::BrokenImages(BrokenImageLimit limit, Warn warn)
    : limit_(std::move(limit)), warn_(std::move(warn)) {}

void BrokenImages::start(std::optional<std::int64_t> images) {
  images_ = images;
  ++epochs_;
  count_ = 0;
  first_.clear();
}

void BrokenImages::add(const BrokenImage& image) {
  ++count_;
  // The same images are broken in every epoch.
  if (epochs_ == 1 && count_ <= kNamed) warn_("Left out " + image.name + ": " + image.reason);
  if (epochs_ == 1 && count_ == kNamed + 1)
    warn_("Further broken images of " + limit_.place + " are counted, not named");
  if (first_.size() < kRemembered) first_.push_back(image);
  if (images_ && count_ > kNamed) check(*images_, /*at_end=*/false);
}

void BrokenImages::end(std::int64_t images) {
  check(images, /*at_end=*/true);
  if (count_ == told_) return;
  told_ = count_;
  warn_("Left out " + share_of(count_, images) + " of " + limit_.place + ": they are broken");
}

void BrokenImages::check(std::int64_t images, bool at_end) const {
  const bool none_left = count_ > 0 && count_ == images;
  // A quotient is rounded as the share was when it was read; 0.29 * 100 is below 29.
  const bool too_many = static_cast<double>(count_) / static_cast<double>(images) > limit_.share;
  if (!none_left && !too_many) return;
  const std::string prefix = limit_.place + ", ";
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(first_.size(), kNamesInFailure); ++i) {
    const std::string& name = first_[i].name;
    names.push_back(name.starts_with(prefix) ? name.substr(prefix.size()) : name);
  }
  throw Error(
      Blame::Customer,
      limit_.place + (at_end ? ": " : ": at least ") + share_of(count_, images) + " are broken" +
          (too_many
               ? ", and " + limit_.allowed_by + " allows a share of " + number_text(limit_.share)
               : ", which leaves none") +
          ". The first: " + join(names, "; ") + "; of the first: " + first_[0].reason +
          (too_many ? " Or raise " + limit_.allowed_by + "." : ""));
}

}  // namespace millrace
