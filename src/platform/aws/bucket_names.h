#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/json.h"

namespace millrace::aws {

/// What an access point of an Outpost leads to.
struct AccessPointTarget {
  std::string bucket;             ///< the store's name; has a colon, which no name of a bucket has
  std::vector<std::string> arns;  ///< what policies know it by: of the access point and the bucket
};

/// The access point of that alias or ARN; nullopt when there is none. Called by many threads.
using FindAccessPoint = std::function<std::optional<AccessPointTarget>(std::string_view name)>;

/// The buckets that one request names, some of them by the alias or the ARN of an access point.
/// What handlers, policies and the audit log see are the store's names.
class BucketNames {
 public:
  /// `find` must outlive this; empty where there are no access points.
  explicit BucketNames(const FindAccessPoint& find) : find_(find) {}

  /// The store's name of a bucket. Throws Error(Customer, NoSuchBucket) for an alias, and
  /// NoSuchAccessPoint for an ARN, that is nobody's.
  std::string resolve(std::string_view name);
  /// The same for the bucket at the front of a percent-encoded path.
  std::string resolve_path(std::string path);
  /// The same for the member CopySource of a document.
  void resolve_copy_source(Json& document);

  /// What policies know a bucket of the store by, where that is not arn:aws:s3:::<bucket>.
  [[nodiscard]] const std::vector<std::string>* arns_of(std::string_view bucket) const;
  /// Whether any bucket was named by an access point.
  [[nodiscard]] bool any() const { return !used_.empty(); }
  /// Puts the names that the client used into its answer.
  void restore(Json& answer) const;

 private:
  struct Used {
    std::string name;
    AccessPointTarget target;
  };

  const FindAccessPoint& find_;
  std::vector<Used> used_;
};

/// What the Host of a request to an access point names: its alias or, with an empty region, its
/// ARN; of "<access point>-<account>.<outpost>.<host>" and "<alias>.<outpost>.<host>". nullopt for
/// other hosts.
std::optional<std::string> access_point_of_host(std::string_view host);

}  // namespace millrace::aws
