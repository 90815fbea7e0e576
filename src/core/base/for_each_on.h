#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>

#include "core/base/team.h"

namespace millrace {

/// Team::for_each, once, by up to `threads` threads: for bodies so long that starting the threads
/// does not count.
inline void for_each_on(int threads, std::size_t count,
                        const std::function<void(std::size_t)>& body) {
  Team(static_cast<int>(std::min(count, static_cast<std::size_t>(std::max(threads, 1)))))
      .for_each(count, body);
}

}  // namespace millrace
