#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/json/json_fwd.h"

namespace millrace {

/// The part of JSONPath in which batch transform says what a model sees and what is kept:
///
///     $                 everything
///     $.name            a member, also $['name'] and $.['name']
///     $['a','b']        several members
///     $[2]  $[0,-1]     elements by number; negative ones count from the end
///     $[1:]  $[0,5:7]   runs of elements, the end exclusive, alone or among numbers
///     $.*  $[*]         all members or elements
///
/// A path of single names and numbers selects one value. One that ends in several names selects an
/// object of those members that are there. Any other selects an array of all it finds. Recursive
/// descent, conditions and functions are refused by name.
///
/// Source: Amazon SageMaker Developer Guide, "Associate Prediction Results with Input Records".
class JsonPath {
 public:
  /// Throws Error(Customer) "<where>: got ..., character N: ...".
  JsonPath(std::string_view text, std::string_view where);

  /// "$": selects what it is given.
  [[nodiscard]] bool is_root() const { return steps_.empty(); }
  /// Whether it can select columns of a row: at most one step, without names.
  [[nodiscard]] bool selects_columns() const;
  [[nodiscard]] const std::string& text() const { return text_; }

  /// What it selects of `document`. Throws Error(Customer) "<place>: ..." where a name or number
  /// selects nothing, but for names behind a step that selects several values.
  [[nodiscard]] Json select(const Json& document, std::string_view place) const;

  /// What it selects of a row of so many columns, in its order. Only if selects_columns(). Throws
  /// Error(Customer) "<place>: ..." for a column that is not there, and when nothing is selected.
  [[nodiscard]] std::vector<std::size_t> select_columns(std::size_t columns,
                                                        std::string_view place) const;

 private:
  struct Run {
    std::optional<std::int64_t> begin;
    std::optional<std::int64_t> end;
  };
  using Element = std::variant<std::int64_t, Run>;
  struct All {};
  using Names = std::vector<std::string>;
  using Elements = std::vector<Element>;
  using Step = std::variant<All, Names, Elements>;
  class Parser;
  struct Search;

  /// Places of the elements among `count`.
  [[nodiscard]] std::vector<std::size_t> places_of(const Elements& elements, std::size_t count,
                                                   std::string_view place) const;
  [[nodiscard]] bool selects_one() const;

  std::string text_;
  std::vector<Step> steps_;
};

}  // namespace millrace
