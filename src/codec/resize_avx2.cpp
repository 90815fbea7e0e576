#include "codec/resize_kernel.h"

#if defined(__x86_64__)

#include <immintrin.h>

// An attribute and not a compiler option, so that no inline function of another room is compiled
// with these instructions.
#define MILLRACE_TARGET [[gnu::target("avx2")]]

namespace millrace {
namespace {

/// Two pixels and their right neighbours: eight bytes from each place on, of which six count.
MILLRACE_TARGET inline __m256i load_pairs(const std::uint8_t* first, const std::uint8_t* second) {
  return _mm256_inserti128_si256(
      _mm256_castsi128_si256(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(first))),
      _mm_loadl_epi64(reinterpret_cast<const __m128i*>(second)), 1);
}

MILLRACE_TARGET inline __m256i load(const std::int16_t* values) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(values));
}

/// Neighbours weighted and added: a value a 32-bit lane, the fourth of each half void.
MILLRACE_TARGET inline __m256i mixed_pairs(__m256i pairs, const std::int16_t* weights) {
  // Channel by channel, left beside right, widened to 16 bits.
  const __m256i beside = _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1,
                                          0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
  const __m256i sums = _mm256_madd_epi16(_mm256_shuffle_epi8(pairs, beside), load(weights));
  return _mm256_srai_epi32(sums, kWeightBits - kRowBits);
}

MILLRACE_TARGET void row_avx2(const std::uint8_t* from, const ResizeColumns& columns,
                              std::int16_t* out) {
  std::int64_t x = 0;
  if (columns.channels == 3) {
    const std::int32_t* left = columns.left.data();
    const std::int16_t* weights = columns.weights.data();
    for (; x + 4 <= columns.wide; x += 4) {
      const __m256i first =
          mixed_pairs(load_pairs(from + left[x], from + left[x + 1]), weights + 8 * x);
      const __m256i second =
          mixed_pairs(load_pairs(from + left[x + 2], from + left[x + 3]), weights + 8 * (x + 2));
      const __m256i four = _mm256_packs_epi32(first, second);
      // Each store writes a fourth value, which the next pixel's covers.
      const __m128i low = _mm256_castsi256_si128(four), high = _mm256_extracti128_si256(four, 1);
      std::int16_t* to = out + 3 * x;
      _mm_storel_epi64(reinterpret_cast<__m128i*>(to), low);
      _mm_storel_epi64(reinterpret_cast<__m128i*>(to + 3), high);
      _mm_storel_epi64(reinterpret_cast<__m128i*>(to + 6), _mm_unpackhi_epi64(low, low));
      _mm_storel_epi64(reinterpret_cast<__m128i*>(to + 9), _mm_unpackhi_epi64(high, high));
    }
  }
  resize_columns(from, columns, x, columns.count(), out);
}

/// The upper halves of the products are what is left of them.
MILLRACE_TARGET inline __m256i mixed_rows(__m256i upper, __m256i upper_weight, __m256i lower,
                                          __m256i lower_weight) {
  static_assert(kRowBits + kWeightBits - kMixedBits == 16);
  const __m256i sum = _mm256_add_epi16(_mm256_mulhi_epi16(upper, upper_weight),
                                       _mm256_mulhi_epi16(lower, lower_weight));
  return _mm256_srai_epi16(_mm256_add_epi16(sum, _mm256_set1_epi16(1 << (kMixedBits - 1))),
                           kMixedBits);
}

MILLRACE_TARGET void mix_avx2(const WeightedRow& upper, const WeightedRow& lower,
                              std::span<std::uint8_t> out) {
  const __m256i above = _mm256_set1_epi16(static_cast<std::int16_t>(upper.weight));
  const __m256i below = _mm256_set1_epi16(static_cast<std::int16_t>(lower.weight));
  std::size_t i = 0;
  for (; i + 32 <= out.size(); i += 32) {
    const __m256i first = mixed_rows(load(upper.values + i), above, load(lower.values + i), below);
    const __m256i second =
        mixed_rows(load(upper.values + i + 16), above, load(lower.values + i + 16), below);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out.data() + i),
                        _mm256_permute4x64_epi64(_mm256_packus_epi16(first, second), 0xd8));
  }
  mix_rows(upper, lower, i, out);
}

}  // namespace

ResizeKernel best_resize_kernel() {
  if (__builtin_cpu_supports("avx2")) return {.row = row_avx2, .mix = mix_avx2};
  return portable_resize_kernel();
}

}  // namespace millrace

#else

namespace millrace {

ResizeKernel best_resize_kernel() {
  return portable_resize_kernel();
}

}  // namespace millrace

#endif
