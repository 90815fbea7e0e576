#include "core/data/csv_field_masks.h"
#include "core/data/csv_strips.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <algorithm>
#include <bit>

// As in csv_avx512.cpp: an attribute, so that no inline function of another room is compiled with
// these instructions.
#define MILLRACE_TARGET [[gnu::target("avx2,bmi,bmi2,popcnt")]]

namespace millrace {
namespace {

MILLRACE_TARGET inline __m256i load(const char* place) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(place));
}

/// The bytes of two registers that are all ones, a bit each.
MILLRACE_TARGET inline std::uint64_t bits(__m256i low, __m256i high) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(low)) |
         static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(high))) << 32;
}

MILLRACE_TARGET inline std::uint64_t equal(__m256i low, __m256i high, char byte) {
  const __m256i wanted = _mm256_set1_epi8(byte);
  return bits(_mm256_cmpeq_epi8(low, wanted), _mm256_cmpeq_epi8(high, wanted));
}

/// The bytes below '-', among them every separator.
MILLRACE_TARGET inline std::uint64_t below_minus(__m256i low, __m256i high) {
  const __m256i most = _mm256_set1_epi8('-' - 1);
  return bits(_mm256_cmpeq_epi8(_mm256_min_epu8(low, most), low),
              _mm256_cmpeq_epi8(_mm256_min_epu8(high, most), high));
}

/// Bytes below '-' that are no separators are fine only as the '\r' of "\r\n".
MILLRACE_TARGET bool all_line_ends(const char* block, std::uint64_t odd) {
  const std::uint64_t returns = equal(load(block), load(block + 32), '\r');
  return (odd & ~(returns & equal(load(block + 1), load(block + 33), '\n'))) == 0;
}

MILLRACE_TARGET void search(const char* text, std::size_t begin, std::size_t end, CsvStrip& strip) {
  std::size_t fields = 0;
  std::size_t lines = 0;
  for (std::size_t at = begin; at < end; at += 64) {
    const __m256i low = load(text + at);
    const __m256i high = load(text + at + 32);
    const std::uint64_t inside =
        _bzhi_u64(~std::uint64_t{0}, static_cast<unsigned>(end - at < 64 ? end - at : 64));
    std::uint64_t ends = equal(low, high, '\n') & inside;
    std::uint64_t separators = (equal(low, high, ',') & inside) | ends;
    const std::uint64_t odd = below_minus(low, high) & inside & ~separators;
    if (odd != 0 && !strip.odd) strip.odd = !all_line_ends(text + at, odd);
    for (; ends != 0; ends = _blsr_u64(ends)) {
      strip.line_ends[lines++] = static_cast<std::uint16_t>(
          fields + static_cast<unsigned>(std::popcount(separators & _blsmsk_u64(ends))));
    }
    // Eight at a time, found or not, so that their number is no branch to mispredict; what follows
    // a separator is a field.
    std::uint32_t* place = strip.starts.data() + 1 + fields;
    fields += static_cast<std::size_t>(std::popcount(separators));
    while (separators != 0) {
      for (int i = 0; i < 8; ++i, separators = _blsr_u64(separators))
        *place++ = static_cast<std::uint32_t>(at + 1 + _tzcnt_u64(separators));
    }
  }
  strip.fields = fields;
  strip.lines = lines;
}

/// 16 bytes of two fields.
MILLRACE_TARGET inline __m256i load_two(const char* first, const char* second) {
  return _mm256_inserti128_si256(
      _mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(first))),
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(second)), 1);
}

/// 32 bits of a mask, each as a byte of zeros or ones.
MILLRACE_TARGET inline __m256i as_bytes(std::uint64_t mask) {
  const __m256i word_of_byte = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1,  //
                                                2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
  const __m256i bit_of_byte = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201));
  const __m256i spread =
      _mm256_shuffle_epi8(_mm256_set1_epi32(static_cast<int>(mask)), word_of_byte);
  return _mm256_cmpeq_epi8(_mm256_and_si256(spread, bit_of_byte), bit_of_byte);
}

/// The digits of two fields without their points, left-aligned, zeros behind.
MILLRACE_TARGET inline __m256i join(__m256i bytes, std::uint64_t number, std::uint64_t whole) {
  const __m256i digits =
      _mm256_and_si256(_mm256_sub_epi8(bytes, _mm256_set1_epi8('0')), as_bytes(number));
  return _mm256_blendv_epi8(_mm256_bsrli_epi128(digits, 1), digits, as_bytes(whole));
}

/// Per field four times 0..9999, the most significant first.
MILLRACE_TARGET inline __m256i thousands(__m256i joined) {
  const __m256i tens = _mm256_maddubs_epi16(joined, _mm256_set1_epi16(0x010A));
  return _mm256_madd_epi16(tens, _mm256_set1_epi32(0x00010064));
}

MILLRACE_TARGET inline bool all_digits(__m256i first, __m256i second) {
  const __m256i nine = _mm256_set1_epi8(9);
  return _mm256_movemask_epi8(
             _mm256_cmpeq_epi8(_mm256_max_epu8(_mm256_max_epu8(first, second), nine), nine)) == -1;
}

MILLRACE_TARGET std::size_t convert(const char* text, const CsvStrip& strip, std::size_t fields,
                                    NonFinite policy, float* out) {
  // By the number of bytes before the point: what sixteen digits are to be multiplied by.
  static constexpr double kPowers[] = {1e-16, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9,
                                       1e-8,  1e-7,  1e-6,  1e-5,  1e-4,  1e-3,  1e-2,  1e-1};
  for (std::size_t i = 0; i < fields; i += kFieldsPerMask) {
    // Dealt to two registers in turn, so that packing them puts the fields in order again.
    const std::uint32_t* const starts = strip.starts.data() + i;
    const __m256i even = load_two(text + starts[0], text + starts[2]);
    const __m256i odd = load_two(text + starts[1], text + starts[3]);
    const FieldMasks masks =
        field_masks(below_minus(even, odd), equal(even, odd, '.'), equal(even, odd, '-'));
    const __m256i even_digits = join(even, masks.number, masks.whole);
    const __m256i odd_digits = join(odd, masks.number >> 32, masks.whole >> 32);

    // Per field the upper and the lower eight digits, then the sixteen as one whole number: the
    // product is exact, so the sum is rounded once.
    const __m256i halves =
        _mm256_madd_epi16(_mm256_packus_epi32(thousands(even_digits), thousands(odd_digits)),
                          _mm256_set1_epi32(0x00012710));
    const __m256i sorted =
        _mm256_permutevar8x32_epi32(halves, _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7));
    const __m256d number = _mm256_add_pd(
        _mm256_mul_pd(_mm256_cvtepi32_pd(_mm256_castsi256_si128(sorted)), _mm256_set1_pd(1e8)),
        _mm256_cvtepi32_pd(_mm256_extracti128_si256(sorted, 1)));
    const auto power = [&](unsigned field) {
      return kPowers[std::countr_zero(masks.stops >> (16 * field))];
    };
    const __m256d value =
        _mm256_mul_pd(number, _mm256_setr_pd(power(0), power(2), power(1), power(3)));
    // Too close to the middle between two floats to be sure: see csv_avx512.cpp.
    const __m256i beyond_half = _mm256_and_si256(
        _mm256_sub_epi64(_mm256_castpd_si256(value), _mm256_set1_epi64x(0x10000000 - 4)),
        _mm256_set1_epi64x(0x1FFFFFFF));
    const int close = _mm256_movemask_pd(
        _mm256_castsi256_pd(_mm256_cmpgt_epi64(_mm256_set1_epi64x(9), beyond_half)));
    const __m128i minus = _mm_shuffle_epi32(
        _mm_slli_epi32(_mm_cvtepu16_epi32(_mm_cvtsi64_si128(static_cast<long long>(masks.minus))),
                       31),
        0b11011000);
    _mm_storeu_ps(out + i, _mm_xor_ps(_mm256_cvtpd_ps(value), _mm_castsi128_ps(minus)));

    if (masks.wrong == 0 && close == 0 && all_digits(even_digits, odd_digits)) [[likely]]
      continue;
    // Rare enough to look at all four again.
    for (std::size_t field = i; field < std::min(i + kFieldsPerMask, fields); ++field) {
      if (!convert_csv_field(text, strip, field, policy, out[field])) return field;
    }
  }
  return fields;
}

}  // namespace

const CsvLoops kCsvLoopsAvx2{.search = search, .convert = convert};

}  // namespace millrace

#endif
