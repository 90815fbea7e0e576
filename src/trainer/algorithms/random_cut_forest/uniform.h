#pragma once

#include <cstdint>
#include <random>

namespace millrace::random_cut_forest {

/// Numbers uniform in [0, 1), the same on every machine: the standard library's distributions are
/// each library's own. Streams of one seed and different numbers are independent of each other.
class Uniform {
 public:
  Uniform(std::uint64_t seed, std::uint64_t stream) : engine_(mixed(seed, stream)) {}

  /// A multiple of 2^-53.
  double next() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  /// In 0..bound-1; bound at most 2^32, where a bias of 2^-21 is the most there is.
  std::size_t below(std::size_t bound) {
    return static_cast<std::size_t>(next() * static_cast<double>(bound));
  }

 private:
  /// The finaliser of SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
  /// Generators", OOPSLA 2014): neighbouring streams get seeds that share nothing.
  static std::uint64_t mixed(std::uint64_t seed, std::uint64_t stream) {
    std::uint64_t z = seed + (stream + 1) * 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }

  std::mt19937_64 engine_;
};

}  // namespace millrace::random_cut_forest
