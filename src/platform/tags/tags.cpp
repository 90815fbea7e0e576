#include "platform/tags/tags.h"

#include "core/base/arn.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/access.h"
#include "platform/aws/refuse.h"
#include "platform/records/tags.h"
#include "platform/tags/tag_rules.h"

namespace millrace::tags {
namespace {

namespace sm = wire::sagemaker;
using records::Connection;

constexpr std::int64_t kDefaultPage = 50;
/// The only kind whose programs may look at tags: those of their own job.
constexpr std::string_view kTrainingJob = "training-job";

std::vector<sm::Tag> wire_tags(const std::vector<records::TagRow>& rows) {
  std::vector<sm::Tag> tags;
  for (const records::TagRow& row : rows) tags.push_back({.key = row.key, .value = row.value});
  return tags;
}

}  // namespace

/// The ARN of an existing thing as it was made. ARNs are compared without regard to case, since
/// SDKs lower-case them.
std::string Tags::resource(Connection& connection, const aws::Caller& caller,
                           const std::string& arn, std::string_view action) const {
  const std::optional<Arn> parsed = parse_arn(arn);
  const std::size_t slash = parsed ? parsed->resource.find('/') : std::string::npos;
  const auto kind = slash == std::string::npos
                        ? kinds_.end()
                        : kinds_.find(to_lower(parsed->resource.substr(0, slash)));
  if (kind == kinds_.end() || parsed->service != "sagemaker") {
    std::vector<std::string> names;
    for (const auto& [name, find] : kinds_) names.push_back(name);
    aws::refuse({.where = "ResourceArn",
                 .given = arn,
                 .expected = "the ARN of something that has tags: " + join(names, ", "),
                 .fix = ""});
  }
  const std::string name = parsed->resource.substr(slash + 1);
  if (kind->first == kTrainingJob) {
    aws::require_same_job(caller, name, action);
  } else {
    aws::require_own_key(caller, action);
  }
  const std::optional<std::string> found = kind->second(connection, caller.account, name);
  if (!found || parsed->account != caller.account) aws::refuse("Requested resource not found.");
  return *found;
}

sm::AddTagsOutput Tags::add(const sm::AddTagsInput& request, const aws::Caller& caller) {
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

sm::ListTagsOutput Tags::list(const sm::ListTagsInput& request, const aws::Caller& caller) {
  std::string after;
  if (request.next_token) {
    const std::optional<std::string> key = from_hex(*request.next_token);
    if (!key || key->empty()) aws::refuse("Invalid NextToken. Use the one of the previous page.");
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

sm::DeleteTagsOutput Tags::remove(const sm::DeleteTagsInput& request, const aws::Caller& caller) {
  aws::require_own_key(caller, "sagemaker:DeleteTags");
  database_.write([&](Connection& transaction) {
    const std::string arn =
        resource(transaction, caller, request.resource_arn, "sagemaker:DeleteTags");
    records::TagTable table(transaction);
    for (const std::string& key : request.tag_keys) table.erase(caller.account, arn, key);
  });
  return {};
}

void Tags::put(Connection& transaction, const std::string& account, const std::string& arn,
               const std::optional<std::vector<sm::Tag>>& tags) {
  records::TagTable table(transaction);
  for (const sm::Tag& tag : tags.value_or(std::vector<sm::Tag>{}))
    table.put(account, arn, {.key = tag.key, .value = tag.value});
}

void Tags::forget(Connection& transaction, const std::string& account, const std::string& arn) {
  records::TagTable(transaction).erase_all(account, arn);
}

}  // namespace millrace::tags
