#define PCRE2_CODE_UNIT_WIDTH 8
#include "platform/runner/metric_patterns.h"

#include <pcre2.h>

#include <cmath>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::runner {
namespace {

/// A search that backtracks more often is given up; ordinary metric lines need some hundred steps.
constexpr std::uint32_t kMatchLimit = 100000;
constexpr std::uint32_t kHeapLimitKib = 4096;

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Code = std::unique_ptr<pcre2_code, Freer<pcre2_code_free>>;
using MatchData = std::unique_ptr<pcre2_match_data, Freer<pcre2_match_data_free>>;
using Context = std::unique_ptr<pcre2_match_context, Freer<pcre2_match_context_free>>;

std::string compile_problem(int error, std::size_t offset) {
  PCRE2_UCHAR text[160] = {};
  pcre2_get_error_message(error, text, sizeof text);
  return std::string(reinterpret_cast<const char*>(text)) + " at character " +
         std::to_string(offset);
}

}  // namespace

struct MetricPatterns::Pattern {
  std::string name;
  Code code;
  MatchData match;
  Context context;

  [[nodiscard]] std::optional<double> first_value(std::string_view line) const {
    const int groups = pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(line.data()),
                                   line.size(), 0, PCRE2_NO_UTF_CHECK, match.get(), context.get());
    const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(match.get());
    if (groups < 2 || ends[2] == PCRE2_UNSET) return std::nullopt;
    const auto value = parse_double(trim(line.substr(ends[2], ends[3] - ends[2])));
    return value && std::isfinite(*value) ? value : std::nullopt;
  }
};

MetricPatterns::MetricPatterns(const std::vector<MetricDefinition>& definitions) {
  for (const MetricDefinition& definition : definitions) {
    int error = 0;
    std::size_t offset = 0;
    Pattern pattern{.name = definition.name, .code = nullptr, .match = nullptr, .context = nullptr};
    pattern.code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(definition.pattern.data()),
                                     definition.pattern.size(), PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C,
                                     &error, &offset, nullptr));
    if (!pattern.code) {
      problems_.push_back("metric '" + definition.name + "' is never found: its Regex \"" +
                          printable(definition.pattern, 100) +
                          "\" is not valid: " + compile_problem(error, offset));
      continue;
    }
    pattern.match.reset(pcre2_match_data_create_from_pattern(pattern.code.get(), nullptr));
    pattern.context.reset(pcre2_match_context_create(nullptr));
    if (!pattern.match || !pattern.context)
      throw Error(Blame::Platform, "out of memory for metric patterns");
    pcre2_set_match_limit(pattern.context.get(), kMatchLimit);
    pcre2_set_heap_limit(pattern.context.get(), kHeapLimitKib);
    patterns_.push_back(std::move(pattern));
  }
}

MetricPatterns::~MetricPatterns() = default;

void MetricPatterns::search(std::string_view line,
                            const std::function<void(const MetricValue&)>& found) const {
  for (const Pattern& pattern : patterns_) {
    if (const auto value = pattern.first_value(line))
      found({.name = pattern.name, .value = *value});
  }
}

}  // namespace millrace::runner
