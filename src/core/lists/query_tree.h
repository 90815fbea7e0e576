#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/lists/query.h"

// What a query is taken apart into (core/lists/query.h has its language).
namespace millrace::lists {

enum class Field { Index, Line, Label, LabelAt, Labels, Class, Boxes, Path, Folder, Name };
enum class Compare { Equal, Unequal, Less, AtMost, Greater, AtLeast, Like, Unlike, In };

struct CompareSign {
  std::string_view text;
  Compare compare;
};
/// Those that begin like another come before it.
inline constexpr CompareSign kCompareSigns[] = {
    {"==", Compare::Equal},  {"=", Compare::Equal},   {"!=", Compare::Unequal},
    {"!~", Compare::Unlike}, {"<=", Compare::AtMost}, {">=", Compare::AtLeast},
    {"<", Compare::Less},    {">", Compare::Greater}, {"~", Compare::Like}};

/// A field compared with a value, or with several by `in`: texts or numbers as the field has.
struct QueryTest {
  Field field{};
  std::size_t column = 0;  ///< of LabelAt
  Compare compare{};
  std::vector<std::string> texts;
  std::vector<double> numbers;
};

struct Query::Node {
  enum class Kind { And, Or, Not, Test };
  Kind kind{};
  QueryTest test;                            ///< of Test
  std::vector<std::unique_ptr<Node>> parts;  ///< of the others; Not has one
};

/// Throws Error(Customer) as Query::parse() does.
std::unique_ptr<Query::Node> parse_query(std::string_view text, std::string_view origin);

}  // namespace millrace::lists
