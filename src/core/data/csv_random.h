#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>

namespace millrace {

/// Numbers as text, in every shape that files hold and a few that try a parser; for tests.
class RandomCsv {
 public:
  explicit RandomCsv(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

  /// A finite or infinite number that strtof reads to its end.
  std::string number() {
    switch (below(8)) {
      case 0:
        return sign() + digits(1 + below(9));
      case 1:
        return sign() + digits(below(4)) + "." + digits(1 + below(9));
      case 2:
        return sign() + digits(1 + below(40)) + (below(2) != 0 ? "." + digits(below(20)) : "");
      case 3:
        return sign() + digits(1 + below(3)) + "." + digits(below(12)) + exponent();
      case 4:
        return printed(std::bit_cast<float>(static_cast<std::uint32_t>(random_())));
      case 5:
        return half_way();
      case 6:
        return sign() + "0." + std::string(below(14), '0') + digits(1 + below(10));
      default:
        return sign() + digits(1 + below(8)) + ".";
    }
  }

 private:
  std::string sign() { return below(3) == 0 ? "-" : ""; }
  std::string digits(std::size_t count) {
    std::string text;
    for (; count > 0; --count) text += static_cast<char>('0' + below(10));
    return text;
  }
  std::string exponent() {
    const int value = static_cast<int>(below(100)) - 50;
    return (below(2) != 0 ? "e" : "E") + std::to_string(value);
  }
  static std::string text_of(const char* format, int precision, double value) {
    char text[400];
    std::snprintf(text, sizeof text, format, precision, value);
    return text;
  }
  std::string printed(float value) {
    if (!std::isfinite(value)) value = 1;
    return text_of("%.*g", 1 + static_cast<int>(below(18)), value);
  }
  /// The middle between two neighbouring floats: one that few digits write exactly, or one of any
  /// size written out or cut short, or a little beside it.
  std::string half_way() {
    if (below(2) != 0) {
      const double whole = static_cast<double>((std::size_t{1} << 24) + below(1 << 24)) * 2 + 1;
      const int places = static_cast<int>(below(7));
      return sign() + text_of("%.*f", places, std::ldexp(whole, -places));
    }
    const auto low =
        std::bit_cast<float>(static_cast<std::uint32_t>(0x2F800000 + below(0x20000000)));
    const double middle =
        (static_cast<double>(low) + static_cast<double>(std::nextafter(low, 1e30F))) / 2;
    const double value = middle * (1 + (static_cast<double>(below(9)) - 4) * 0x1p-52);
    return below(2) != 0 ? text_of("%.*f", 10 + static_cast<int>(below(60)), value)
                         : text_of("%.*g", 8 + static_cast<int>(below(12)), value);
  }

  std::mt19937_64 random_;
};

}  // namespace millrace
