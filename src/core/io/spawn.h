#pragma once

#include <signal.h>
#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace millrace {

/// A program to be run by a process of its own.
struct Spawn {
  /// Program and arguments. A program without a slash is looked for along PATH.
  std::vector<std::string> command;
  /// All of it; absent: this process's own.
  std::optional<std::map<std::string, std::string>> environment{};
  std::filesystem::path directory{};  ///< to work in; empty: this process's
  int output = -1;                    ///< becomes its standard output; -1: this process's own
  int errors = -1;                    ///< the same for its standard error
  /// Reads from /dev/null, has no descriptors but the standard ones, and is in a session of its
  /// own.
  bool detached = false;
  std::optional<sigset_t> blocked{};   ///< its signal mask; absent: this thread's
  std::optional<sigset_t> defaults{};  ///< signals that are ignored here and not there
};

/// Starts it and returns its number; the caller waits for its end. Throws Error(`blame`) naming the
/// program and why it cannot be run.
pid_t spawn(const Spawn& order, Blame blame);

}  // namespace millrace
