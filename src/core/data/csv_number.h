#pragma once

#include <string_view>

namespace millrace {

/// What becomes of `nan`, `inf`, and numbers beyond the range of float32 (which are infinite
/// there).
enum class NonFinite { Refuse, Accept };

/// Why a field is not a number.
enum class NumberFlaw {
  None,
  Empty,       ///< nothing but spaces and tabs
  NotANumber,  ///< other text, or characters after the number
  NotFinite,   ///< nan, inf or infinity, where they are refused
  TooLarge,    ///< beyond 3.4028235e38 in size, where infinity is refused
};

/// Without the spaces and tabs that a field may have at either end.
std::string_view trim_field(std::string_view field);

/// Reads one field of a CSV line: spaces and tabs around it, a sign, decimal digits with at most
/// one point, an exponent; or `nan`, `inf`, `infinity` in any case. `value` is the float32 nearest
/// to the written number, ties to even, as strtof gives it; it is left alone when there is a flaw.
/// This function is the definition: the vector kernels agree with it bit for bit or hand over to
/// it.
NumberFlaw parse_csv_number(std::string_view field, NonFinite policy, float& value);

}  // namespace millrace
