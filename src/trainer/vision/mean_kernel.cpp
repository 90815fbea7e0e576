#include "trainer/vision/mean_kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace millrace {
namespace {

/// From `begin`, a multiple of 3, on.
void take_mean_off(const std::uint8_t* values, std::int64_t begin, std::int64_t count, float* out) {
  for (std::int64_t i = begin, channel = 0; i < count;
       ++i, channel = channel == 2 ? 0 : channel + 1)
    out[i] = static_cast<float>(values[i]) - kImageMean[channel];
}

void portable(const std::uint8_t* values, std::int64_t count, float* out) {
  take_mean_off(values, 0, count, out);
}

#if defined(__x86_64__)
// An attribute and not a compiler option, so that no inline function of another room is compiled
// with these instructions.
[[gnu::target("avx2")]] void avx2(const std::uint8_t* values, std::int64_t count, float* out) {
  constexpr auto kMean = kImageMean;
  // Eight pixels are three registers, each beginning at another channel.
  const __m256 means[] = {_mm256_setr_ps(kMean[0], kMean[1], kMean[2], kMean[0], kMean[1], kMean[2],
                                         kMean[0], kMean[1]),
                          _mm256_setr_ps(kMean[2], kMean[0], kMean[1], kMean[2], kMean[0], kMean[1],
                                         kMean[2], kMean[0]),
                          _mm256_setr_ps(kMean[1], kMean[2], kMean[0], kMean[1], kMean[2], kMean[0],
                                         kMean[1], kMean[2])};
  std::int64_t i = 0;
  for (; i + 24 <= count; i += 24) {
    for (int part = 0; part < 3; ++part) {
      const __m128i bytes =
          _mm_loadl_epi64(reinterpret_cast<const __m128i*>(values + i + 8 * part));
      _mm256_storeu_ps(out + i + 8 * part,
                       _mm256_sub_ps(_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)), means[part]));
    }
  }
  take_mean_off(values, i, count, out);
}
#endif

}  // namespace

MeanKernel portable_mean_kernel() {
  return portable;
}

MeanKernel best_mean_kernel() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) return avx2;
#endif
  return portable;
}

}  // namespace millrace
