#pragma once

namespace millrace {
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;
}

/// Stops the process when an invariant of ours is broken. User input must never be able to reach one.
#define MILLRACE_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::millrace::check_failed(#condition, __FILE__, __LINE__))
