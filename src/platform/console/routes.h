#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/message.h"
#include "platform/console/call.h"

namespace millrace::console {

using Extra = std::function<http::Response(Call& call)>;

/// Which function answers which of the console's own paths.
class Routes {
 public:
  /// `pattern` is "/mr/training-jobs/{}/log": "{}" stands for one part of the path that is not
  /// empty, "{*}" at the end for all that is left.
  void add(std::string_view method, std::string_view pattern, Extra extra);

  /// The function for a path, with `parts` filled; nullptr when there is none. `known` tells
  /// whether the path is one for another method. Throws Error(Customer) for a malformed escape.
  struct Found {
    const Extra* extra = nullptr;
    std::vector<std::string> parts{};
    bool known = false;
  };
  [[nodiscard]] Found find(std::string_view method, std::string_view path) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> pattern;
    Extra extra;
  };
  std::vector<Route> routes_;
};

}  // namespace millrace::console
