#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// ASCII only; other bytes are kept.
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Without spaces, tabs, CR and LF at both ends.
std::string_view trim(std::string_view text);
/// "a,,b" by ',' is {"a", "", "b"}; "" is {""}.
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// The whole text as a number; nullopt for empty text, trailing characters or a value out of range.
std::optional<std::int64_t> parse_int(std::string_view text);
/// As parse_int; accepts what JSON and C accept ("1e-3", "inf", "nan"), independent of the locale.
std::optional<double> parse_double(std::string_view text);
/// Shortest text that reads back as the same value: "0.1", "1e-08", "3".
std::string number_text(double value);

/// Control characters and invalid UTF-8 as \xNN, cut at `max_bytes` on a character boundary with "..." appended.
std::string printable(std::string_view text, std::size_t max_bytes);
/// Cut to at most `max_bytes` without splitting a UTF-8 character.
std::string_view cut_utf8(std::string_view text, std::size_t max_bytes);
bool is_valid_utf8(std::string_view text);
/// Each byte that is no part of a well-formed UTF-8 character becomes U+FFFD.
std::string valid_utf8(std::string_view text);
/// Unicode code points of valid UTF-8 (what AWS counts as length); bytes where it is not valid.
std::size_t utf8_length(std::string_view text);

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view hex);
std::string to_base64(std::string_view bytes);
/// Standard alphabet with padding; nullopt when malformed.
std::optional<std::string> from_base64(std::string_view text);

/// Percent-encoding of RFC 3986: letters, digits and "-._~" stay; '/' stays when keep_slash.
enum class Slash { Keep, Encode };
std::string uri_encode(std::string_view text, Slash slash);
/// Decodes %XX; '+' stays a plus. nullopt for a malformed escape.
std::optional<std::string> uri_decode(std::string_view text);

/// "1.5 GB", "312 kB", "17 bytes": decimal units, for people.
std::string human_bytes(std::uint64_t bytes);

/// The candidate a user most likely meant, or nullopt when none is close (Damerau-Levenshtein distance above a third
/// of the length).
std::optional<std::string> nearest(std::string_view given, const std::vector<std::string>& candidates);

/// Equality that takes the same time wherever the first difference is; for secrets and signatures.
bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace millrace
