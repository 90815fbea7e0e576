#include "platform/aws/crc64nvme.h"

#include <array>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace millrace::aws {
namespace {

constexpr std::uint64_t kPolynomial = 0x9A6C9329AC4BC9B5;  // bit 0 stands for x^63

/// Tables for eight bytes at a time: kTables[k][b] is the effect of byte b with k more bytes behind
/// it.
using Tables = std::array<std::array<std::uint64_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint64_t byte = 0; byte < 256; ++byte) {
    std::uint64_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = value;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint64_t shorter = tables[k - 1][byte];
      tables[k][byte] = (shorter >> 8) ^ tables[0][shorter & 0xff];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

std::uint64_t load(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

/// Continues a register (not inverted) over `bytes`.
std::uint64_t by_tables(std::uint64_t state, std::string_view bytes) {
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    const std::uint64_t word = state ^ load(bytes.data());
    state = kTables[7][word & 0xff] ^ kTables[6][(word >> 8) & 0xff] ^
            kTables[5][(word >> 16) & 0xff] ^ kTables[4][(word >> 24) & 0xff] ^
            kTables[3][(word >> 32) & 0xff] ^ kTables[2][(word >> 40) & 0xff] ^
            kTables[1][(word >> 48) & 0xff] ^ kTables[0][word >> 56];
  }
  for (const char c : bytes)
    state = (state >> 8) ^ kTables[0][(state ^ static_cast<unsigned char>(c)) & 0xff];
  return state;
}

#if defined(__x86_64__)

/// x^n modulo the polynomial, bit-reflected.
constexpr std::uint64_t power_of_x(int n) {
  std::uint64_t value = std::uint64_t{1} << 63;
  for (int i = 0; i < n; ++i) value = (value >> 1) ^ ((value & 1) != 0 ? kPolynomial : 0);
  return value;
}

/// Multiplies a 128-bit block by x^distance. A carry-less product of reflected words comes out one
/// place short, hence the exponents less one; the lower word holds the higher powers, hence 64 more
/// for it.
template <int distance>
__attribute__((target("pclmul,sse2"))) inline __m128i shifted(__m128i block) {
  constexpr std::uint64_t kHigh = power_of_x(distance + 64 - 1);
  constexpr std::uint64_t kLow = power_of_x(distance - 1);
  const __m128i factors =
      _mm_set_epi64x(static_cast<long long>(kLow), static_cast<long long>(kHigh));
  return _mm_xor_si128(_mm_clmulepi64_si128(block, factors, 0x00),
                       _mm_clmulepi64_si128(block, factors, 0x11));
}

__attribute__((target("sse2"))) inline __m128i load_block(const char* bytes) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
}

/// Folds four blocks of 16 bytes side by side (Gopal et al., "Fast CRC Computation for Generic
/// Polynomials Using PCLMULQDQ Instruction", Intel 2009); the tables reduce what is left.
__attribute__((target("pclmul,sse2"))) std::uint64_t by_folding(std::uint64_t state,
                                                                std::string_view bytes) {
  constexpr std::size_t kStride = 64;
  const char* at = bytes.data();
  const char* const end = at + bytes.size() / kStride * kStride;
  __m128i a = _mm_xor_si128(load_block(at), _mm_set_epi64x(0, static_cast<long long>(state)));
  __m128i b = load_block(at + 16);
  __m128i c = load_block(at + 32);
  __m128i d = load_block(at + 48);
  for (at += kStride; at != end; at += kStride) {
    a = _mm_xor_si128(shifted<512>(a), load_block(at));
    b = _mm_xor_si128(shifted<512>(b), load_block(at + 16));
    c = _mm_xor_si128(shifted<512>(c), load_block(at + 32));
    d = _mm_xor_si128(shifted<512>(d), load_block(at + 48));
  }
  b = _mm_xor_si128(shifted<128>(a), b);
  c = _mm_xor_si128(shifted<128>(b), c);
  d = _mm_xor_si128(shifted<128>(c), d);
  bytes.remove_prefix(bytes.size() / kStride * kStride);
  std::array<char, 16> remainder;
  _mm_storeu_si128(reinterpret_cast<__m128i*>(remainder.data()), d);
  return by_tables(by_tables(0, {remainder.data(), remainder.size()}), bytes);
}

constexpr std::size_t kMinFoldedBytes = 128;

#endif

}  // namespace

std::uint64_t crc64nvme(std::uint64_t before, std::string_view bytes) {
#if defined(__x86_64__)
  static const bool folds = __builtin_cpu_supports("pclmul") != 0;
  if (folds && bytes.size() >= kMinFoldedBytes) return ~by_folding(~before, bytes);
#endif
  return ~by_tables(~before, bytes);
}

namespace detail {
std::uint64_t crc64nvme_by_tables(std::uint64_t before, std::string_view bytes) {
  return ~by_tables(~before, bytes);
}
}  // namespace detail

}  // namespace millrace::aws
