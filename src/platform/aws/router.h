#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/message.h"
#include "platform/aws/parameters.h"
#include "platform/aws/shape.h"

namespace millrace::aws {

/// The bucket that a Host header names: what stands before one of `base_hosts`, "localhost" or an
/// Amazon S3 host. nullopt for the base host itself, for addresses and for unknown hosts: the
/// bucket is then in the path.
std::optional<std::string> bucket_of_host(std::string_view host,
                                          std::span<const std::string> base_hosts);

/// The operation that a request asks for, and what the path gave for the labels of its template.
struct Route {
  const Operation* operation = nullptr;
  std::vector<std::pair<std::string_view, std::string>> labels{};  ///< "Bucket", "Key": decoded

  [[nodiscard]] const std::string* label(std::string_view name) const;
};

/// Finds operations of a REST service by method, path, query and headers.
class Router {
 public:
  explicit Router(const Service& service);

  /// `path` is percent-encoded. Among the operations whose template fits and all of whose fixed and
  /// required query parameters and required headers are present, the one that names the most of
  /// them; answered before unanswered. nullopt when none fits. Throws Error(Customer, InvalidURI)
  /// for a malformed escape.
  [[nodiscard]] std::optional<Route> find(std::string_view method, std::string_view path,
                                          const Parameters& query,
                                          const http::Headers& headers) const;

 private:
  struct Segment {
    std::string_view text;  ///< literal text, or the label's name
    bool label = false;
    bool greedy = false;  ///< takes the rest of the path, slashes included
  };
  struct Group {
    std::vector<Segment> segments;
    std::vector<const Operation*> operations;  ///< the most demanding first
  };

  static std::optional<Route> match(const Group& group, std::string_view path);

  std::map<std::string_view, std::vector<Group>>
      groups_;  ///< by method; literal templates before labels
};

}  // namespace millrace::aws
