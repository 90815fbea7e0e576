#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/fd.h"
#include "platform/runner/sandbox/sandbox.h"

namespace millrace::runner {

/// Descriptors that bubblewrap inherits.
struct BubblewrapFiles {
  std::vector<Fd> contents;  ///< of the small files below /etc
  Fd syscall_filter;
  Fd status;  ///< where bubblewrap writes what happens to the program
  Fd gate;    ///< readable once the program may be executed; absent: at once
};

/// What becomes the program's "/" where the order has a root of its own.
struct RootMount {
  std::filesystem::path source;
  bool writable = false;
};

/// The options of one bubblewrap call, in the order bubblewrap works them off; fills
/// files.contents. The command and everything secret stay out of them. `root` is that of order.root.
std::vector<std::string> bubblewrap_options(const SandboxOrder& order,
                                            const std::optional<RootMount>& root,
                                            BubblewrapFiles& files);

/// An anonymous file with this content, read position at the start.
Fd memory_file(const char* name, std::string_view content);

}  // namespace millrace::runner
