#include "platform/console/lists/list_problems.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/base/text.h"
#include "core/lists/check.h"

namespace millrace::console {
namespace {

constexpr std::int64_t kDefaultProblems = 200;
constexpr std::string_view kLine = ", line ";  ///< as place_of() has it

/// The line that a problem names; 0 when it names none.
std::int64_t line_of(const Problem& problem) {
  const std::size_t mark = problem.where.rfind(kLine);
  if (mark == std::string::npos) return 0;
  const std::string_view rest = std::string_view(problem.where).substr(mark + kLine.size());
  return parse_int(rest.substr(0, rest.find_first_not_of("0123456789"))).value_or(0);
}

struct Found {
  std::int64_t line = 0;
  lists::Fault fault{};
  const Problem* problem = nullptr;
};

}  // namespace

Json problems_page(const Call& call, const lists::List& list) {
  lists::Findings findings(kMaxProblems);
  const std::array<lists::CheckedList, 1> checked{{{.list = &list, .strays = {}}}};
  lists::check(checked, {}, findings);
  std::vector<Found> found;
  for (std::size_t i = 0; i < lists::kFaults; ++i) {
    const auto fault = static_cast<lists::Fault>(i);
    for (const Problem& problem : findings.first(fault))
      found.push_back({.line = line_of(problem), .fault = fault, .problem = &problem});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Found& a, const Found& b) { return a.line < b.line; });
  const auto total = static_cast<std::int64_t>(found.size());
  const std::int64_t from = std::min(call.number("from", 0, 0, std::int64_t{1} << 40), total);
  const std::int64_t until =
      std::min(from + call.number("limit", kDefaultProblems, 0, std::int64_t{kMaxProblems}), total);
  Json problems = Json::array();
  for (std::int64_t i = from; i < until; ++i) {
    const Found& one = found[static_cast<std::size_t>(i)];
    problems.push_back({{"Line", one.line},
                        {"Rule", std::string(lists::name_of(one.fault))},
                        {"Message", describe(*one.problem)}});
  }
  return {{"Total", findings.total()}, {"Problems", std::move(problems)}};
}

}  // namespace millrace::console
