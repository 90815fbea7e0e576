#pragma once

#include <cstdio>
#include <memory>
#include <string>

namespace millrace {

/// What a shell command prints, on either stream; for tests that ask other people's tools.
inline std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(
      ::popen(("( " + command + " ) 2>&1").c_str(), "r"), ::pclose);
  std::string text;
  char block[4096];
  while (const std::size_t got = std::fread(block, 1, sizeof block, pipe.get()))
    text.append(block, got);
  return text;
}

}  // namespace millrace
