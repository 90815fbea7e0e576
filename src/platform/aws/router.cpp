#include "platform/aws/router.h"

#include <algorithm>
#include <tuple>

#include "core/base/error.h"
#include "core/base/text.h"

namespace millrace::aws {
namespace {

/// How much a request must bring to be this operation.
std::size_t demands(const Operation& operation) {
  const auto valued = std::count_if(operation.fixed_query.begin(), operation.fixed_query.end(),
                                    [](const FixedQuery& query) { return !query.value.empty(); });
  return 4 * operation.fixed_query.size() + static_cast<std::size_t>(valued) + 2 * operation.required_query.size() +
         2 * operation.required_headers.size();
}

bool fits(const Operation& operation, const Parameters& query, const http::Headers& headers) {
  for (const FixedQuery& fixed : operation.fixed_query) {
    const std::string* value = query.find(fixed.key);
    if (value == nullptr || (!fixed.value.empty() && *value != fixed.value)) return false;
  }
  for (const std::string_view name : operation.required_query) {
    if (query.find(name) == nullptr) return false;
  }
  for (const std::string_view name : operation.required_headers) {
    if (!headers.find(name)) return false;
  }
  return true;
}

std::string decoded(std::string_view text) {
  auto plain = uri_decode(text);
  if (!plain || !is_valid_utf8(*plain)) {
    throw Error(Blame::Customer, "InvalidURI",
                "Couldn't parse the specified URI: '" + printable(text, 60) + "' holds a malformed escape or is not UTF-8.");
  }
  return std::move(*plain);
}

/// The part of an Amazon S3 host name before "s3", without the dot: "bucket" of "bucket.s3.eu-west-1.amazonaws.com".
std::optional<std::string_view> before_amazon_s3(std::string_view host) {
  constexpr std::string_view kChina = ".cn";
  constexpr std::string_view kAmazon = ".amazonaws.com";
  if (host.ends_with(kChina)) host.remove_suffix(kChina.size());
  if (!host.ends_with(kAmazon)) return std::nullopt;
  host.remove_suffix(kAmazon.size());
  // Not buckets, although "s3" is in their names: S3 Control of an account, access points of an outpost.
  for (const std::string_view other : {"s3-control.", "s3-outposts."}) {
    const std::size_t at = host.rfind(other);
    if (at == std::string_view::npos || host.find('.', at + other.size()) != std::string_view::npos) continue;
    if (at == 0 || host[at - 1] == '.') return std::nullopt;
  }
  for (const std::string_view name : {".s3.", ".s3-"}) {
    const std::size_t at = host.rfind(name);
    if (at != std::string_view::npos) return host.substr(0, at);
  }
  if (host.ends_with(".s3")) return host.substr(0, host.size() - 3);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> bucket_of_host(std::string_view host, std::span<const std::string> base_hosts) {
  if (host.empty() || host.front() == '[') return std::nullopt;
  host = host.substr(0, host.find(':'));
  const std::string name = to_lower(host);
  if (const auto bucket = before_amazon_s3(name)) return std::string(*bucket);
  const auto before = [&](std::string_view base) -> std::optional<std::string> {
    const bool below = name.size() > base.size() + 1 && name.ends_with(base) && name[name.size() - base.size() - 1] == '.';
    if (!below) return std::nullopt;
    return name.substr(0, name.size() - base.size() - 1);
  };
  // The longest base wins: "s3.example.com" is a base host, not the bucket "s3" of "example.com".
  std::optional<std::string> bucket = before("localhost");
  for (const std::string& base : base_hosts) {
    if (equal_ignoring_case(base, name)) return std::nullopt;
    if (const auto found = before(to_lower(base)); found && (!bucket || found->size() < bucket->size())) bucket = found;
  }
  return bucket;
}

const std::string* Route::label(std::string_view name) const {
  for (const auto& [key, value] : labels) {
    if (key == name) return &value;
  }
  return nullptr;
}

Router::Router(const Service& service) {
  std::map<std::pair<std::string_view, std::string_view>, Group> by_template;
  for (const Operation& operation : service.operations) {
    Group& group = by_template[{operation.method, operation.path}];
    if (group.operations.empty()) {
      for (std::string_view text : split(operation.path.substr(1), '/')) {
        Segment segment{.text = text};
        if (text.starts_with('{')) {
          segment.label = true;
          segment.greedy = text.ends_with("+}");
          segment.text = text.substr(1, text.size() - (segment.greedy ? 3 : 2));
        }
        group.segments.push_back(segment);
      }
    }
    group.operations.push_back(&operation);
  }
  for (auto& [key, group] : by_template) {
    std::stable_sort(group.operations.begin(), group.operations.end(), [](const Operation* a, const Operation* b) {
      return std::tuple(demands(*a), a->answered) > std::tuple(demands(*b), b->answered);
    });
    groups_[key.first].push_back(std::move(group));
  }
  for (auto& [method, groups] : groups_) {
    std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
      const auto labels = [](const Group& group) {
        return std::count_if(group.segments.begin(), group.segments.end(), [](const Segment& s) { return s.label; });
      };
      return labels(a) < labels(b);
    });
  }
}

std::optional<Route> Router::match(const Group& group, std::string_view path) {
  Route route;
  std::string_view rest = path.starts_with('/') ? path.substr(1) : path;
  for (std::size_t i = 0; i < group.segments.size(); ++i) {
    const Segment& segment = group.segments[i];
    const bool last = i + 1 == group.segments.size();
    const std::size_t end = segment.greedy ? rest.size() : std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, end);
    if (segment.label ? part.empty() : part != segment.text) return std::nullopt;
    if (segment.label) route.labels.emplace_back(segment.text, decoded(part));
    rest.remove_prefix(end);
    // "/bucket/" is the bucket; anything behind the slash is more path than the template has.
    if (last ? (!rest.empty() && rest != "/") : rest.empty()) return std::nullopt;
    if (!last) rest.remove_prefix(1);
  }
  return route;
}

std::optional<Route> Router::find(std::string_view method, std::string_view path, const Parameters& query,
                                  const http::Headers& headers) const {
  const auto groups = groups_.find(method);
  if (groups == groups_.end()) return std::nullopt;
  for (const Group& group : groups->second) {
    std::optional<Route> route = match(group, path);
    if (!route) continue;
    for (const Operation* operation : group.operations) {
      if (!fits(*operation, query, headers)) continue;
      route->operation = operation;
      return route;
    }
  }
  return std::nullopt;
}

}  // namespace millrace::aws
