#include "trainer/algorithms/ntm/random_numbers.h"

#include <cmath>
#include <numbers>

namespace millrace::ntm {
namespace {

std::array<std::uint32_t, 4> block(const RandomPlace& place, std::uint32_t number) {
  // The counter has room for the document, the epoch and the block; the key for the seed, into
  // which the purpose is mixed by a multiple of an odd constant.
  const std::uint64_t key = place.seed ^ (std::uint64_t{place.purpose} * 0x9E3779B97F4A7C15U);
  return philox({static_cast<std::uint32_t>(place.document),
                 static_cast<std::uint32_t>(place.document >> 32), place.epoch, number},
                {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)});
}

/// The upper 24 bits, which a float holds exactly.
float as_unit(std::uint32_t bits) {
  return static_cast<float>(bits >> 8) * 0x1p-24F;
}

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53U} * counter[0];
    const std::uint64_t b = std::uint64_t{0xCD9E8D57U} * counter[2];
    counter = {
        static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
        static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9U;
    key[1] += 0xBB67AE85U;
  }
  return counter;
}

float uniform_at(const RandomPlace& place) {
  return as_unit(block(place, 0)[0]);
}

void normals_at(const RandomPlace& place, float* values, std::int64_t count) {
  for (std::int64_t at = 0; at < count; at += 4) {
    const auto bits = block(place, static_cast<std::uint32_t>(at / 4));
    float four[4];
    // Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958.
    for (std::size_t pair = 0; pair < 4; pair += 2) {
      const float radius = std::sqrt(-2 * std::log(1 - as_unit(bits[pair])));
      const float angle = 2 * std::numbers::pi_v<float> * as_unit(bits[pair + 1]);
      four[pair] = radius * std::cos(angle);
      four[pair + 1] = radius * std::sin(angle);
    }
    for (std::int64_t i = at; i < count && i < at + 4; ++i) values[i] = four[i - at];
  }
}

}  // namespace millrace::ntm
