#pragma once

#include <cstdint>

namespace millrace {

/// A small generator that is cheap to seed, so that every image of every epoch can have its own:
/// what happens to an image then depends on the seed alone, not on threads. SplitMix64: Steele,
/// Lea, Flood, "Fast splittable pseudorandom number generators", 2014. The same numbers everywhere,
/// unlike the standard library's distributions.
class RandomStream {
 public:
  explicit RandomStream(std::uint64_t seed) : state_(seed) {}
  RandomStream(std::uint64_t seed, std::uint64_t epoch, std::uint64_t item)
      : state_(seed * 0x9E3779B97F4A7C15U ^ (epoch + 1) * 0xBF58476D1CE4E5B9U ^
               (item + 1) * 0x94D049BB133111EBU) {
    (void)next();
  }

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  /// 0 to bound - 1; the bias of the remainder is below 2^-40 for the bounds used here.
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(bound));
  }
  /// 0 up to, not including, 1.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

 private:
  std::uint64_t state_;
};

}  // namespace millrace
