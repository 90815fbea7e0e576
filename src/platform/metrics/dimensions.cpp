#include "platform/metrics/dimensions.h"

#include <map>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/json/json.h"

namespace millrace::metrics {

std::string canonical(const std::vector<wire::cloudwatch::Dimension>& dimensions) {
  const auto refuse = [](const std::string& name, const char* expected) {
    throw Error(Blame::Customer, "InvalidParameterValue",
                describe(Problem{.where = "Dimensions",
                                 .given = name,
                                 .expected = expected,
                                 .fix = "Rename it or leave it out."}));
  };
  std::map<std::string, std::string> ordered;
  for (const wire::cloudwatch::Dimension& dimension : dimensions) {
    if (trim(dimension.name).empty() || dimension.name.starts_with(':'))
      refuse(dimension.name, "a name that is not blank and does not begin with a colon");
    if (!ordered.emplace(dimension.name, dimension.value).second)
      refuse(dimension.name, "each dimension once");
  }
  return to_text(Json(ordered));
}

std::vector<wire::cloudwatch::Dimension> dimensions_of(std::string_view canonical) {
  std::vector<wire::cloudwatch::Dimension> dimensions;
  const Json ordered = parse_json(canonical, "dimensions of a metric");
  for (const auto& [name, value] : ordered.items())
    dimensions.push_back({.name = name, .value = value.get<std::string>()});
  return dimensions;
}

}  // namespace millrace::metrics
