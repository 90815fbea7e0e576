#pragma once

#include <list>
#include <memory>
#include <string>

#include "core/base/guarded.h"
#include "core/json/json.h"
#include "platform/console/lists/list_contents.h"

namespace millrace::console {

/// What lists hold, as the console tells it: `{"Form", "Rows", "Labels", "Classes", "Boxes",
/// "Folders", "RepeatedPaths", "WithoutClass"}`. Looking through a million rows takes most of a
/// second and each page asks, so those of the contents asked for last are kept. Safe for many
/// threads.
class ListSummaries {
 public:
  static constexpr std::size_t kMaxKept = 16;

  [[nodiscard]] Json of(const ListContent& content);

 private:
  struct Kept {
    std::string hash;  ///< of the content
    std::shared_ptr<const Json> summary;
  };
  Guarded<std::list<Kept>> kept_;  ///< last used first
};

}  // namespace millrace::console
