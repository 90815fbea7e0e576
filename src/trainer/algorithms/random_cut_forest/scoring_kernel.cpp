#include "trainer/algorithms/random_cut_forest/scoring_kernel.h"

#include <bit>
#include <initializer_list>

#if defined(__x86_64__)
#if !defined(__clang__)
// g++ 12 takes the deliberately undefined operands in its own header for a mistake of ours.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>
#endif

namespace millrace::random_cut_forest {
namespace {

/// CompareRows, given how far a row lies outside of the box. Without a branch that depends on a
/// row: whether one is done is as good as random.
template <class Outside>
[[gnu::always_inline]] inline std::size_t compare_by(const Outside& outside, const NodeBox& box,
                                                     const float* rows, std::uint16_t* active,
                                                     std::size_t count, float* scores) {
  std::size_t left = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint16_t row = active[i];
    const float distance = outside(rows + row * box.stride);
    const std::uint32_t outside_box = distance > 0 ? 1 : 0;
    // 0 / 0, of a row that equals a leaf, is no number and to be 0. Masked rather than chosen,
    // since g++ makes a jump of the choice.
    const float p = std::bit_cast<float>(
        std::bit_cast<std::uint32_t>(distance / (distance + box.sides)) & (0 - outside_box));
    scores[row] += p * (box.new_score - scores[row]);
    active[left] = row;
    left += outside_box;
  }
  return left;
}

struct PortableOutside {
  const NodeBox& box;

  float operator()(const float* row) const {
    float lanes[kLanes] = {};
    for (std::size_t at = 0; at < box.stride; at += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const float x = row[at + lane];
        const float below = box.low[at + lane] - x, above = x - box.high[at + lane];
        const float beyond = below > above ? below : above;
        lanes[lane] += beyond > 0 ? beyond : 0;
      }
    }
    for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
      for (std::size_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
    }
    return lanes[0];
  }
};

std::size_t compare_portable(const NodeBox& box, const float* rows, std::uint16_t* active,
                             std::size_t count, float* scores) {
  return compare_by(PortableOutside{box}, box, rows, active, count, scores);
}

#if defined(__x86_64__)

// An attribute rather than a flag of the file: with a flag, inline functions of the standard
// library would be compiled with these instructions too, and the linker might choose them for all.
#define MILLRACE_AVX2 [[gnu::target("avx2,fma")]]
#define MILLRACE_AVX512 [[gnu::target("avx512f,avx512dq,avx512vl,fma")]]

MILLRACE_AVX2 inline float sum_of(__m256 lanes) {
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps(lanes, 1));
  four = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}

MILLRACE_AVX2 inline __m256 beyond(__m256 x, __m256 low, __m256 high) {
  return _mm256_max_ps(_mm256_max_ps(_mm256_sub_ps(low, x), _mm256_sub_ps(x, high)),
                       _mm256_setzero_ps());
}

struct Avx2Outside {
  const NodeBox& box;

  MILLRACE_AVX2 __m256 eight(const float* row, std::size_t at) const {
    return beyond(_mm256_loadu_ps(row + at), _mm256_loadu_ps(box.low + at),
                  _mm256_loadu_ps(box.high + at));
  }
  MILLRACE_AVX2 float operator()(const float* row) const {
    __m256 first = _mm256_setzero_ps(), second = _mm256_setzero_ps();
    for (std::size_t at = 0; at < box.stride; at += kLanes) {
      first = _mm256_add_ps(first, eight(row, at));
      second = _mm256_add_ps(second, eight(row, at + 8));
    }
    return sum_of(_mm256_add_ps(first, second));
  }
};

MILLRACE_AVX2 std::size_t compare_avx2(const NodeBox& box, const float* rows, std::uint16_t* active,
                                       std::size_t count, float* scores) {
  return compare_by(Avx2Outside{box}, box, rows, active, count, scores);
}

MILLRACE_AVX512 inline float sum_of(__m512 lanes) {
  const __m256 eight =
      _mm256_add_ps(_mm512_castps512_ps256(lanes), _mm512_extractf32x8_ps(lanes, 1));
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  four = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}

MILLRACE_AVX512 inline __m512 beyond(__m512 x, __m512 low, __m512 high) {
  return _mm512_max_ps(_mm512_max_ps(_mm512_sub_ps(low, x), _mm512_sub_ps(x, high)),
                       _mm512_setzero_ps());
}

/// A box of kVectors x 16 dimensions, which stays in registers.
template <std::size_t kVectors>
struct NarrowOutside {
  __m512 low[kVectors], high[kVectors];

  MILLRACE_AVX512 explicit NarrowOutside(const NodeBox& box) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      low[v] = _mm512_loadu_ps(box.low + v * kLanes);
      high[v] = _mm512_loadu_ps(box.high + v * kLanes);
    }
  }
  MILLRACE_AVX512 float operator()(const float* row) const {
    __m512 sum = beyond(_mm512_loadu_ps(row), low[0], high[0]);
    for (std::size_t v = 1; v < kVectors; ++v) {
      sum = _mm512_add_ps(sum, beyond(_mm512_loadu_ps(row + v * kLanes), low[v], high[v]));
    }
    return sum_of(sum);
  }
};

struct WideOutside {
  const NodeBox& box;

  MILLRACE_AVX512 float operator()(const float* row) const {
    __m512 sum = _mm512_setzero_ps();
    for (std::size_t at = 0; at < box.stride; at += kLanes) {
      sum = _mm512_add_ps(sum, beyond(_mm512_loadu_ps(row + at), _mm512_loadu_ps(box.low + at),
                                      _mm512_loadu_ps(box.high + at)));
    }
    return sum_of(sum);
  }
};

template <class Outside>
MILLRACE_AVX512 std::size_t compare_512(const NodeBox& box, const float* rows,
                                        std::uint16_t* active, std::size_t count, float* scores) {
  return compare_by(Outside{box}, box, rows, active, count, scores);
}

std::size_t compare_avx512(const NodeBox& box, const float* rows, std::uint16_t* active,
                           std::size_t count, float* scores) {
  switch (box.stride / kLanes) {
    case 1:
      return compare_512<NarrowOutside<1>>(box, rows, active, count, scores);
    case 2:
      return compare_512<NarrowOutside<2>>(box, rows, active, count, scores);
    case 3:
      return compare_512<NarrowOutside<3>>(box, rows, active, count, scores);
    case 4:
      return compare_512<NarrowOutside<4>>(box, rows, active, count, scores);
    default:
      return compare_512<WideOutside>(box, rows, active, count, scores);
  }
}

#endif

}  // namespace

bool can_run(SimdPath path) {
  switch (path) {
    case SimdPath::Portable:
      return true;
#if defined(__x86_64__)
    case SimdPath::Avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case SimdPath::Avx512:
      return can_run(SimdPath::Avx2) && __builtin_cpu_supports("avx512f") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
    default:
      return false;
  }
}

SimdPath best_simd_path() {
  for (const SimdPath path : {SimdPath::Avx512, SimdPath::Avx2})
    if (can_run(path)) return path;
  return SimdPath::Portable;
}

CompareRows compare_rows(SimdPath path) {
  switch (path) {
#if defined(__x86_64__)
    case SimdPath::Avx2:
      return &compare_avx2;
    case SimdPath::Avx512:
      return &compare_avx512;
#endif
    default:
      return &compare_portable;
  }
}

}  // namespace millrace::random_cut_forest
