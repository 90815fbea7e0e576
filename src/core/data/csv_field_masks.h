#pragma once

#include <cstdint>

namespace millrace {

// Four fields of a line are looked at together, 16 bytes from the start of each; a mask of 64 bits
// has a bit for each byte. A field ends before its first separator (any byte below '-').

inline constexpr unsigned kFieldsPerMask = 4;
inline constexpr std::uint64_t kLowestOfField = 0x0001000100010001;
inline constexpr std::uint64_t kHighestOfField = 0x8000800080008000;

struct FieldMasks {
  std::uint64_t number = 0;  ///< the bytes of the field but a leading '-'
  std::uint64_t whole = 0;   ///< the bytes before the point or, without one, of the field
  std::uint64_t stops = 0;   ///< separators and points, and always the highest bit
  std::uint64_t minus = 0;   ///< the lowest bit of a field that begins with '-'
  std::uint64_t wrong = 0;   ///< the highest bit of a field without a digit, or above 15 bytes
};

/// From the bytes below '-', the '.' and the '-' among the 64.
inline FieldMasks field_masks(std::uint64_t separators, std::uint64_t points,
                              std::uint64_t minuses) {
  // With its highest bit set no field is without a separator, and no subtraction borrows from the
  // next field.
  const std::uint64_t ends = separators | kHighestOfField;
  const std::uint64_t field = ~ends & (ends - kLowestOfField);
  const std::uint64_t stops = ends | points;
  const std::uint64_t minus = minuses & kLowestOfField;
  const std::uint64_t number = field & ~minus;
  const std::uint64_t too_long = (field << 1) & ~separators;
  // Here a field without a digit does borrow: it and perhaps its neighbour count as wrong.
  const std::uint64_t no_digit = (number & ~points) - kLowestOfField;
  return {.number = number,
          .whole = ~stops & (stops - kLowestOfField),
          .stops = stops,
          .minus = minus,
          .wrong = (too_long | no_digit) & kHighestOfField};
}

/// Whether `mask` has a bit in field `index`.
inline bool touches_field(std::uint64_t mask, unsigned index) {
  return (mask >> (16 * index) & 0xFFFF) != 0;
}

}  // namespace millrace
