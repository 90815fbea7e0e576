#pragma once

#include <string>
#include <vector>

namespace millrace {

/// `millrace-trainer <arguments>`, which knows models. Both throw Error(Customer) saying how to get
/// it where there is none; `command` is who wants it: "millrace score".

/// Becomes that program: whatever it prints and answers is the command's own.
[[noreturn]] void become_trainer(const std::string& command, std::vector<std::string> arguments);

/// Runs it to its end and returns its exit status, 128 + n where signal n ended it. It does not
/// outlive this process, and signals that are blocked here are not blocked there.
int run_trainer(const std::string& command, std::vector<std::string> arguments);

}  // namespace millrace
