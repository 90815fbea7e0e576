#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "core/base/guarded.h"

namespace millrace::runner {

/// The end of a server's output, for the reason why it is not healthy. Any thread.
class LastLines {
 public:
  void add(std::string_view line);
  /// " Its last lines: a | b", printable; empty when there are none.
  [[nodiscard]] std::string sentence() const;

 private:
  Guarded<std::deque<std::string>> lines_;
};

}  // namespace millrace::runner
