#pragma once

#include <array>
#include <cstdint>

namespace millrace::ntm {

/// Random numbers by address instead of in sequence: the same seed, purpose, epoch and document
/// give the same numbers, whichever host the document falls to and in whichever batch.
struct RandomPlace {
  std::uint64_t seed = 0;
  std::uint32_t purpose = 0;  ///< one for each use, so that uses are independent
  std::uint32_t epoch = 0;
  std::uint64_t document = 0;
};

/// Address of a row: its number in the pass over its channel, and which of several rows of that
/// number it is.
inline std::uint64_t document_address(std::uint32_t stream, std::int64_t row) {
  return static_cast<std::uint64_t>(row) | std::uint64_t{stream} << 48;
}

/// Philox4x32-10. Source: Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2,
/// 3", SC 2011.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key);

/// In [0, 1).
float uniform_at(const RandomPlace& place);
/// `count` independent values of the standard normal distribution.
void normals_at(const RandomPlace& place, float* values, std::int64_t count);

}  // namespace millrace::ntm
