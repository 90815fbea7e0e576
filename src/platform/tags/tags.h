#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "generated/aws/sagemaker/types.h"
#include "platform/aws/caller.h"
#include "platform/records/database.h"

namespace millrace::tags {

/// Tags of everything that has an ARN of its own: the operations, and what the rooms that own those
/// things need.
///
///     Tags tags(database, {{"training-job", jobs::TrainingJobs::arn_of}, {"model", ...}});
class Tags {
 public:
  /// The ARN of the thing of that name as it was made; nullopt when there is none.
  using Find = std::function<std::optional<std::string>(
      records::Connection& connection, const std::string& account, const std::string& name)>;

  /// `kinds` by what stands in ARNs before the name. `database` must outlive this.
  Tags(records::Database& database, std::map<std::string, Find> kinds)
      : database_(database), kinds_(std::move(kinds)) {}

  wire::sagemaker::AddTagsOutput add(const wire::sagemaker::AddTagsInput& request,
                                     const aws::Caller& caller);
  wire::sagemaker::ListTagsOutput list(const wire::sagemaker::ListTagsInput& request,
                                       const aws::Caller& caller);
  wire::sagemaker::DeleteTagsOutput remove(const wire::sagemaker::DeleteTagsInput& request,
                                           const aws::Caller& caller);

  /// Of something that is just being made, in the caller's transaction.
  static void put(records::Connection& transaction, const std::string& account,
                  const std::string& arn,
                  const std::optional<std::vector<wire::sagemaker::Tag>>& tags);
  /// Of something that is going.
  static void forget(records::Connection& transaction, const std::string& account,
                     const std::string& arn);

 private:
  std::string resource(records::Connection& connection, const aws::Caller& caller,
                       const std::string& arn, std::string_view action) const;

  records::Database& database_;
  std::map<std::string, Find> kinds_;
};

}  // namespace millrace::tags
