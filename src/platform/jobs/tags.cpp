// The tag operations of training jobs.
#include <optional>
#include <string>
#include <vector>

#include "core/base/arn.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/access.h"
#include "platform/jobs/tag_rules.h"
#include "platform/jobs/training_jobs.h"
#include "platform/records/tags.h"

namespace millrace::jobs {
namespace {

namespace sm = wire::sagemaker;
using records::Connection;

constexpr std::int64_t kDefaultPage = 50;

/// The ARN of an existing job as it was made. ARNs are compared without regard to case, since SDKs
/// lower-case them.
std::string resource(Connection& connection, const aws::Caller& caller, const std::string& arn,
                     std::string_view action) {
  constexpr std::string_view kKind = "training-job/";
  const std::optional<Arn> parsed = parse_arn(arn);
  if (!parsed || parsed->service != "sagemaker" || !to_lower(parsed->resource).starts_with(kKind)) {
    throw Error(Blame::Customer, "ValidationException",
                describe(Problem{.where = "ResourceArn",
                                 .given = arn,
                                 .expected = "the ARN of a training job",
                                 .fix = "Only training jobs have tags here."}));
  }
  const std::string name = parsed->resource.substr(kKind.size());
  aws::require_same_job(caller, name, action);
  const auto row = records::TrainingJobTable(connection).find(caller.account, name);
  if (!row || parsed->account != caller.account) {
    throw Error(Blame::Customer, "ValidationException", "Requested resource not found.");
  }
  return training_job_arn(row->summary.region, row->summary.account, row->summary.name);
}

std::vector<sm::Tag> wire_tags(const std::vector<records::TagRow>& rows) {
  std::vector<sm::Tag> tags;
  for (const records::TagRow& row : rows) tags.push_back({.key = row.key, .value = row.value});
  return tags;
}

}  // namespace

sm::AddTagsOutput TrainingJobs::add_tags(const sm::AddTagsInput& request,
                                         const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:AddTags");
  check_tags(request.tags);
  return database_.write([&](Connection& transaction) {
    const std::string arn =
        resource(transaction, caller, request.resource_arn, "sagemaker:AddTags");
    records::TagTable table(transaction);
    for (const sm::Tag& tag : request.tags)
      table.put(caller.account, arn, {.key = tag.key, .value = tag.value});
    if (table.count(caller.account, arn) > kMaxTags) {
      throw Error(Blame::Customer, "ResourceLimitExceeded",
                  "A resource can have at most " + std::to_string(kMaxTags) +
                      " tags. Delete some of " + arn + " first.");
    }
    return sm::AddTagsOutput{.tags = wire_tags(table.list(caller.account, arn, "", kMaxTags))};
  });
}

sm::ListTagsOutput TrainingJobs::list_tags(const sm::ListTagsInput& request,
                                           const aws::Caller& caller) {
  std::string after;
  if (request.next_token) {
    const std::optional<std::string> key = from_hex(*request.next_token);
    if (!key || key->empty()) {
      throw Error(Blame::Customer, "ValidationException",
                  "Invalid NextToken. Use the one of the previous page.");
    }
    after = *key;
  }
  const std::int64_t limit = request.max_results.value_or(kDefaultPage);
  std::vector<records::TagRow> rows = database_.read([&](Connection& connection) {
    const std::string arn =
        resource(connection, caller, request.resource_arn, "sagemaker:ListTags");
    return records::TagTable(connection).list(caller.account, arn, after, limit + 1);
  });
  sm::ListTagsOutput response;
  if (static_cast<std::int64_t>(rows.size()) > limit) {
    rows.pop_back();
    response.next_token = to_hex(rows.back().key);
  }
  response.tags = wire_tags(rows);
  return response;
}

sm::DeleteTagsOutput TrainingJobs::delete_tags(const sm::DeleteTagsInput& request,
                                               const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:DeleteTags");
  database_.write([&](Connection& transaction) {
    const std::string arn =
        resource(transaction, caller, request.resource_arn, "sagemaker:DeleteTags");
    records::TagTable table(transaction);
    for (const std::string& key : request.tag_keys) table.erase(caller.account, arn, key);
  });
  return {};
}

}  // namespace millrace::jobs
