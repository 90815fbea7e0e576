#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "generated/aws/control/types.h"
#include "generated/aws/s3outposts/types.h"
#include "platform/aws/caller.h"
#include "platform/records/database.h"

namespace millrace::outposts {

/// The Outposts of this installation. There is one from the first start on, with an id of its own;
/// the operator gives further ids, such as those that scripts already name:
///
///     millrace outposts add op-01ac5d28a6a232904
///
/// All of them are this machine: an Outpost is a name under which buckets are kept apart.
class Registry {
 public:
  /// `database` must outlive this. `data_dir` is where the objects lie: an Outpost's capacity is
  /// that of its file system.
  Registry(records::Database& database, std::filesystem::path data_dir);

  wire::s3outposts::ListOutpostsWithS3Result list_with_s3(
      const wire::s3outposts::ListOutpostsWithS3Request& request, const aws::Caller& caller);

  /// Throws Error(Customer, ResourceInUse) for an id that is taken.
  wire::control::RegisterOutpostResponse register_outpost(
      const wire::control::RegisterOutpostRequest& request, const aws::Caller& caller);
  wire::control::ListRegisteredOutpostsResponse list(
      const wire::control::ListRegisteredOutpostsRequest& request, const aws::Caller& caller);
  /// Refused (ResourceInUse) while it has endpoints or buckets, and for the last Outpost.
  wire::control::DeregisterOutpostResponse deregister_outpost(
      const wire::control::DeregisterOutpostRequest& request, const aws::Caller& caller);

 private:
  records::Database& database_;
  std::filesystem::path data_dir_;
};

/// The VPC of an Outpost's subnet, as it was registered. Where the operator registered no subnets
/// any may be named, and its VPC is called as the subnet is, since nothing here knows better.
/// nullopt where subnets were registered and this is none of them. Throws Error(Customer,
/// ResourceNotFoundException) for an Outpost that is not this installation's.
std::optional<std::string> vpc_of_subnet(records::Connection& connection,
                                         const std::string& outpost, const std::string& subnet);

}  // namespace millrace::outposts
