#define PCRE2_CODE_UNIT_WIDTH 8
#include "platform/aws/pattern.h"

#include <pcre2.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>

#include "core/base/error.h"

namespace millrace::aws {
namespace {

constexpr std::uint32_t kMatchLimit = 200'000;
constexpr std::uint32_t kDepthLimit = 10'000;

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

/// Classes of java.util.regex that PCRE2 does not know under these names.
struct Posix {
  std::string_view java;
  std::string_view range;  ///< as inside brackets
};
constexpr Posix kPosix[] = {
    {"\\p{Alnum}", "a-zA-Z0-9"}, {"\\p{ASCII}", "\\x{00}-\\x{7f}"}, {"\\p{Print}", " -~"}};

/// From java.util.regex to PCRE2, escape by escape.
std::string translated(std::string_view pattern) {
  std::string out;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view rest = pattern.substr(i);
    const auto* posix = std::find_if(std::begin(kPosix), std::end(kPosix),
                                     [&](const Posix& one) { return rest.starts_with(one.java); });
    if (posix != std::end(kPosix)) {
      const std::string range(posix->range);
      out += in_class ? range : "[" + range + "]";
      i += posix->java.size() - 1;
    } else if (rest.size() >= 6 && rest.starts_with("\\u") && is_hex(rest.substr(2, 4))) {
      out += "\\x{" + std::string(rest.substr(2, 4)) + "}";
      i += 5;
    } else if (rest.size() >= 2 && rest[0] == '\\') {
      out += rest.substr(0, 2);
      ++i;
    } else {
      if (rest[0] == '[') in_class = true;
      if (rest[0] == ']') in_class = false;
      out += rest[0];
    }
  }
  return out;
}

/// One per thread: a match needs no allocation then.
struct Workspace {
  Workspace() : data(pcre2_match_data_create(1, nullptr)), context(pcre2_match_context_create(nullptr)) {
    if (data == nullptr || context == nullptr) throw std::bad_alloc();
    pcre2_set_match_limit(context, kMatchLimit);
    pcre2_set_depth_limit(context, kDepthLimit);
  }
  ~Workspace() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
  }
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  pcre2_match_data* data;
  pcre2_match_context* context;
};

}  // namespace

Pattern::Pattern(std::string_view pattern) {
  const std::string text = translated(pattern);
  const std::unique_ptr<pcre2_compile_context, decltype(&pcre2_compile_context_free)> context(
      pcre2_compile_context_create(nullptr), pcre2_compile_context_free);
  if (!context) throw std::bad_alloc();
  // What Java's dot does not match.
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_ANY);
  int code = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* compiled = pcre2_compile(
      reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
      PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C, &code, &offset,
      context.get());
  if (compiled == nullptr) {
    std::array<PCRE2_UCHAR, 256> message{};
    pcre2_get_error_message(code, message.data(), message.size());
    throw Error(Blame::Platform, "pattern '" + std::string(pattern) + "' of a service model, byte " +
                                     std::to_string(offset) + ": " +
                                     reinterpret_cast<const char*>(message.data()));
  }
  code_ = std::shared_ptr<const void>(compiled, [compiled](const void*) { pcre2_code_free(compiled); });
}

bool Pattern::matches(std::string_view text) const {
  thread_local const Workspace workspace;
  const int found = pcre2_match(static_cast<const pcre2_code*>(code_.get()), reinterpret_cast<PCRE2_SPTR>(text.data()),
                                text.size(), 0, 0, workspace.data, workspace.context);
  return found >= 0;
}

}  // namespace millrace::aws
