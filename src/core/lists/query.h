#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/lst.h"
#include "core/lists/form.h"

namespace millrace::lists {

/// Which rows of a list are meant, in a small language:
///
///     label = 3 and path ~ "cats/*"
///     class in (1, 4) and not name ~ *_blurred.jpg
///     (index < 100 or index >= 900) and label[2] = 1
///
/// Tests are joined by `and`, `or`, `not` and brackets; `not` binds closest, then `and`.
///
/// | field      | of a row                                                                     |
/// | ---------- | ---------------------------------------------------------------------------- |
/// | `index`    | its first column                                                             |
/// | `line`     | where it stands in its file, from 1                                          |
/// | `label`    | its label; refused for lists that have several                               |
/// | `label[N]` | its label column N, from 0; no test of it holds where there is none          |
/// | `labels`   | how many label columns it has                                                |
/// | `class`    | any of its classes: label, columns above 0, classes of boxes                 |
/// | `boxes`    | how many boxes it has; 0 in lists of another form                            |
/// | `path`     | the picture's path; `folder` is what stands before its last '/', `name` what |
/// |            | stands behind                                                                |
///
/// Numbers take `=` (or `==`), `!=`, `<`, `<=`, `>`, `>=` and `in (...)`; texts `=`, `!=`, `in`,
/// and `~` and `!~` for patterns (core/lists/glob.h). A value with spaces, brackets or commas
/// stands in double or single quotes.
class Query {
 public:
  static constexpr std::size_t kMaxBytes = 64 * 1024;
  static constexpr int kMaxDepth = 64;  ///< of brackets and `not`

  /// Means every row.
  Query();
  ~Query();
  Query(Query&&) noexcept;
  Query& operator=(Query&&) noexcept;

  /// Throws Error(Customer) "<origin>, character N: got ..., expected ...".
  static Query parse(std::string_view text, std::string_view origin);

  /// Throws Error(Customer) when the query asks for a list's one label and the list has several.
  void check(Form form, std::string_view list) const;
  [[nodiscard]] bool matches(const LstRow& row, Form form) const;

  struct Node;

 private:
  std::unique_ptr<Node> root_;
};

/// The rows that `query` means, in their order; checked first.
std::vector<LstRow> select(std::span<const LstRow> rows, const Query& query,
                           std::string_view origin);

}  // namespace millrace::lists
