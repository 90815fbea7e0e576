#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace millrace::ntm {

/// Early stopping as the original container logs it: the last `epochs` losses are kept, and once
/// there are so many, each new one is held against the least of them. One that is not lower by
/// `tolerance` (a difference, not a ratio) is bad; any other sets the count of bad ones back to 0.
/// More than `epochs` bad ones end training.
class Patience {
 public:
  Patience(std::int64_t epochs, double tolerance) : epochs_(epochs), tolerance_(tolerance) {}

  struct Verdict {
    bool compared = false;       ///< there were enough losses to compare with
    std::vector<double> losses;  ///< that it was compared with, oldest first
    double least = 0;            ///< of them
    bool bad = false;
    bool stop = false;
  };
  Verdict after_epoch(double loss);

  /// What a checkpoint keeps.
  [[nodiscard]] const std::deque<double>& losses() const { return losses_; }
  [[nodiscard]] std::int64_t bad_epochs() const { return bad_epochs_; }
  void resume(std::deque<double> losses, std::int64_t bad_epochs);

 private:
  std::int64_t epochs_;
  double tolerance_;
  std::deque<double> losses_;
  std::int64_t bad_epochs_ = 0;
};

}  // namespace millrace::ntm
