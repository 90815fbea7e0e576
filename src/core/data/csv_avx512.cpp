#include "core/data/csv_field_masks.h"
#include "core/data/csv_strips.h"

#if defined(__x86_64__)

#if !defined(__clang__)
// g++ 12 takes the deliberately undefined operands in its own header for a mistake of ours.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

#include <bit>

// What every function here is compiled for; can_run(CsvPath::Avx512) asks the processor for the
// same. An attribute rather than a flag of the file: with a flag, inline functions of the standard
// library would be compiled with these instructions too, and the linker might choose them for all.
#define MILLRACE_TARGET \
  [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi2,avx512bitalg,bmi,bmi2,popcnt")]]

namespace millrace {
namespace {

/// Bytes below '-' that are no separators are fine only as the '\r' of "\r\n".
MILLRACE_TARGET bool all_line_ends(const char* block, std::uint64_t odd) {
  const __m512i bytes = _mm512_loadu_si512(block);
  const __m512i following = _mm512_loadu_si512(block + 1);
  const __mmask64 returns = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\r'));
  return (odd & ~_mm512_mask_cmpeq_epi8_mask(returns, following, _mm512_set1_epi8('\n'))) == 0;
}

MILLRACE_TARGET void search(const char* text, std::size_t begin, std::size_t end, CsvStrip& strip) {
  alignas(64) static constexpr auto kByteNumbers = [] {
    std::array<std::uint8_t, 64> numbers{};
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::uint8_t>(i);
    return numbers;
  }();
  const __m512i numbers = _mm512_load_si512(kByteNumbers.data());
  const __m512i comma = _mm512_set1_epi8(',');
  const __m512i newline = _mm512_set1_epi8('\n');
  const __m512i minus = _mm512_set1_epi8('-');
  std::size_t fields = 0;
  std::size_t lines = 0;
  for (std::size_t at = begin; at < end; at += 64) {
    const __m512i bytes = _mm512_loadu_si512(text + at);
    const std::uint64_t inside =
        _bzhi_u64(~std::uint64_t{0}, static_cast<unsigned>(end - at < 64 ? end - at : 64));
    std::uint64_t ends = _mm512_cmpeq_epi8_mask(bytes, newline) & inside;
    const std::uint64_t separators = (_mm512_cmpeq_epi8_mask(bytes, comma) & inside) | ends;
    const std::uint64_t odd = _mm512_cmplt_epu8_mask(bytes, minus) & inside & ~separators;
    if (odd != 0 && !strip.odd) strip.odd = !all_line_ends(text + at, odd);
    for (; ends != 0; ends = _blsr_u64(ends)) {
      strip.line_ends[lines++] = static_cast<std::uint16_t>(
          fields + static_cast<unsigned>(std::popcount(separators & _blsmsk_u64(ends))));
    }
    // The numbers of the bytes that are separators, moved together; what follows a separator is a
    // field.
    __m512i places = _mm512_maskz_compress_epi8(separators, numbers);
    const __m512i offset = _mm512_set1_epi32(static_cast<int>(at + 1));
    const auto found = static_cast<std::size_t>(std::popcount(separators));
    std::size_t stored = 0;
    do {
      _mm512_storeu_si512(
          strip.starts.data() + 1 + fields + stored,
          _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_castsi512_si128(places)), offset));
      places = _mm512_alignr_epi64(_mm512_setzero_si512(), places, 2);
      stored += 16;
    } while (stored < found);
    fields += found;
  }
  strip.fields = fields;
  strip.lines = lines;
}

/// Four fields on the way to numbers.
struct Four {
  FieldMasks masks;
  __m512i thousands;            ///< per field four times 0..9999, the most significant first
  std::uint64_t no_digits = 0;  ///< the bytes that should be digits and are not
};

MILLRACE_TARGET inline __m512i load_four(const char* text, const std::uint32_t* starts) {
  const auto* const first = reinterpret_cast<const __m128i*>(text + starts[0]);
  const auto* const second = reinterpret_cast<const __m128i*>(text + starts[2]);
  const auto* const third = reinterpret_cast<const __m128i*>(text + starts[4]);
  const auto* const fourth = reinterpret_cast<const __m128i*>(text + starts[6]);
  const __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(first)),
                                              _mm_loadu_si128(second), 1);
  const __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(third)),
                                               _mm_loadu_si128(fourth), 1);
  return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

/// Takes the point out of four fields and reads their digits as if each had sixteen: what a field
/// lacks at its end counts as zeros, so that only the place of the point decides the power of ten.
MILLRACE_TARGET inline Four digits_of(__m512i bytes) {
  const FieldMasks masks = field_masks(_mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8('-')),
                                       _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('.')),
                                       _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('-')));
  const __m512i digits = _mm512_maskz_sub_epi8(masks.number, bytes, _mm512_set1_epi8('0'));
  const __m512i joined = _mm512_mask_mov_epi8(_mm512_bsrli_epi128(digits, 1), masks.whole, digits);
  const __m512i tens = _mm512_maddubs_epi16(joined, _mm512_set1_epi16(0x010A));
  return {.masks = masks,
          .thousands = _mm512_madd_epi16(tens, _mm512_set1_epi32(0x00010064)),
          .no_digits = _mm512_cmpgt_epu8_mask(joined, _mm512_set1_epi8(9))};
}

/// The lanes, in order, of eight fields that were dealt to two fours in turn.
unsigned lanes_of(std::uint64_t even, std::uint64_t odd) {
  unsigned lanes = 0;
  for (unsigned i = 0; i < kFieldsPerMask; ++i) {
    if (touches_field(even, i)) lanes |= 1U << (2 * i);
    if (touches_field(odd, i)) lanes |= 2U << (2 * i);
  }
  return lanes;
}

MILLRACE_TARGET std::size_t convert(const char* text, const CsvStrip& strip, std::size_t fields,
                                    NonFinite policy, float* out) {
  const __m512d small_powers =
      _mm512_setr_pd(1e-16, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9);
  const __m512d large_powers = _mm512_setr_pd(1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1);
  for (std::size_t i = 0; i < fields; i += 8) {
    const std::uint32_t* const starts = strip.starts.data() + i;
    const Four even = digits_of(load_four(text, starts));
    const Four odd = digits_of(load_four(text, starts + 1));

    // Per field the upper and the lower eight digits, then the sixteen as one whole number.
    const __m512i halves = _mm512_madd_epi16(_mm512_packus_epi32(even.thousands, odd.thousands),
                                             _mm512_set1_epi32(0x00012710));
    const __m512i number = _mm512_add_epi64(
        _mm512_mul_epu32(halves, _mm512_set1_epi64(100'000'000)), _mm512_srli_epi64(halves, 32));
    // Bits of the bytes before the point, and the sign as the highest: a word for each field.
    const __m128i whole = _mm_unpacklo_epi16(
        _mm_cvtsi64_si128(static_cast<long long>(even.masks.whole | even.masks.minus << 15)),
        _mm_cvtsi64_si128(static_cast<long long>(odd.masks.whole | odd.masks.minus << 15)));
    const __m512i exponent = _mm512_cvtepu16_epi64(_mm_popcnt_epi16(_mm_slli_epi16(whole, 1)));
    const __m512d value = _mm512_mul_pd(
        _mm512_cvtepi64_pd(number), _mm512_permutex2var_pd(small_powers, exponent, large_powers));
    // The number, its conversion, the power and the product are each off by half a unit in the last
    // place of a double at most, 3 units together. Rounding to float is right all the same unless a
    // number half-way between two floats lies within them.
    const __m512i beyond_half = _mm512_and_si512(
        _mm512_sub_epi64(_mm512_castpd_si512(value), _mm512_set1_epi64(0x10000000 - 4)),
        _mm512_set1_epi64(0x1FFFFFFF));
    const __mmask8 close = _mm512_cmplt_epu64_mask(beyond_half, _mm512_set1_epi64(9));
    const __m256 nearest = _mm512_cvtpd_ps(value);
    _mm256_storeu_ps(out + i, _mm256_mask_xor_ps(nearest, _mm_movepi16_mask(whole), nearest,
                                                 _mm256_set1_ps(-0.0F)));

    const std::uint64_t even_wrong = even.masks.wrong | even.no_digits;
    const std::uint64_t odd_wrong = odd.masks.wrong | odd.no_digits;
    if ((even_wrong | odd_wrong | close) == 0) [[likely]]
      continue;
    unsigned lanes = lanes_of(even_wrong, odd_wrong) | close;
    if (fields - i < 8) lanes &= (1U << (fields - i)) - 1;
    for (; lanes != 0; lanes &= lanes - 1) {
      const std::size_t field = i + static_cast<std::size_t>(std::countr_zero(lanes));
      if (!convert_csv_field(text, strip, field, policy, out[field])) return field;
    }
  }
  return fields;
}

}  // namespace

const CsvLoops kCsvLoopsAvx512{.search = search, .convert = convert};

}  // namespace millrace

#endif
