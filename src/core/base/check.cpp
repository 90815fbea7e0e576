#include "core/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace millrace {

void check_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "invariant broken: %s at %s:%d; please report this\n", condition, file, line);
  std::abort();
}

}  // namespace millrace
