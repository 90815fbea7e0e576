#include "platform/jobs/metric_regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <memory>

#include "core/base/error.h"

namespace millrace::jobs {

void check_metric_regex(const std::string& name, const std::string& regex) {
  int code = 0;
  PCRE2_SIZE offset = 0;
  const std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)> compiled(
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(regex.data()), regex.size(), PCRE2_UTF, &code,
                    &offset, nullptr),
      &pcre2_code_free);
  if (compiled) return;
  PCRE2_UCHAR text[256];
  pcre2_get_error_message(code, text, sizeof text);
  throw Error(
      Blame::Customer, "ValidationException",
      describe({.where = "AlgorithmSpecification.MetricDefinitions: Regex of '" + name + "'",
                .given = regex,
                .expected = "a regular expression",
                .fix = "At character " + std::to_string(offset) + ": " +
                       std::string(reinterpret_cast<const char*>(text)) + "."}));
}

}  // namespace millrace::jobs
