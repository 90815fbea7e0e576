#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/guarded.h"
#include "core/data/lst.h"
#include "core/lists/form.h"
#include "platform/console/call.h"

namespace millrace::console {

/// Rows that pages are shown of.
struct ShownRows {
  std::span<const LstRow> rows;
  lists::Form form{};
  std::string_view origin;            ///< in messages
  std::string identity;               ///< the same only where the rows are
  std::shared_ptr<const void> owner;  ///< of the rows
};

/// Pages of rows that fit a query, sorted: ?where=&sort=&order=&from=&limit=. Whoever scrolls asks
/// for one after the other, so what was found and sorted last is kept, for as long as somebody else
/// keeps the rows themselves.
class RowPages {
 public:
  static constexpr std::size_t kMaxKeptBytes = std::size_t{256} << 20;
  static constexpr std::size_t kMaxKept = 100;

  explicit RowPages(std::size_t max_kept_bytes = kMaxKeptBytes) : max_kept_bytes_(max_kept_bytes) {}

  /// {"Rows", "From", "Total", "Next"?}
  Json page(const Call& call, const ShownRows& shown);

  /// Rows that the parameters mean, in their order, with what keeps them.
  struct Meant {
    std::span<const LstRow> rows;
    std::shared_ptr<const void> found;
    std::shared_ptr<const void> owner;
  };
  Meant meant(const Call& call, const ShownRows& shown);

  [[nodiscard]] std::size_t kept_bytes() const;

 private:
  struct Found {
    std::vector<LstRow> rows;
    std::weak_ptr<const void> owner;  ///< of what the rows are views of
  };
  struct Kept {
    std::string key;
    std::shared_ptr<const Found> found;
  };
  struct State {
    std::list<Kept> order;  ///< last used first
    std::size_t bytes = 0;
  };

  const std::size_t max_kept_bytes_;
  Guarded<State> state_;
};

}  // namespace millrace::console
