#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/text.h"
#include "platform/runner/line_splitter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string whole;
  std::string pieces;
  const auto collect = [](std::string& into) {
    return [&into](std::string_view line) {
      if (!millrace::is_valid_utf8(line) || line.size() > millrace::runner::kMaxLineBytes)
        std::abort();
      into.append(line).push_back('\n');
    };
  };
  millrace::runner::LineSplitter at_once(collect(whole));
  at_once.write(text);
  at_once.finish();
  millrace::runner::LineSplitter in_steps(collect(pieces));
  const std::size_t step = data[0] % 16 + 1U;
  for (std::size_t at = 0; at < text.size(); at += step) in_steps.write(text.substr(at, step));
  in_steps.finish();
  if (whole != pieces) std::abort();
  return 0;
}
