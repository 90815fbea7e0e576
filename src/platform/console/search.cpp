#include "platform/console/search.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "platform/records/buckets.h"
#include "platform/records/hosting.h"
#include "platform/records/jobs.h"
#include "platform/records/objects.h"
#include "platform/records/tags.h"

namespace millrace::console {
namespace {

using records::Connection;
using records::HostingKind;
using records::HostingRow;
using records::HostingTable;
using records::JobSummaryRow;
using records::JobTable;

constexpr std::string_view kS3 = "s3://";

Json json_of(const JobSummaryRow& row) {
  return {{"Name", row.name},
          {"Status", row.status},
          {"Algorithm", row.algorithm},
          {"CreationTime", iso8601(row.created_at)}};
}

Json json_of(const HostingRow& row) {
  Json json{{"Name", row.name}, {"CreationTime", iso8601(row.created_at)}};
  if (!row.status.empty()) json["Status"] = row.status;
  return json;
}

/// The part of an ARN behind its last '/'.
std::string_view name_in(std::string_view arn) {
  return arn.substr(arn.rfind('/') + 1);
}

}  // namespace

/// One search, at one state of the database.
class Search::Finding {
 public:
  Finding(const Search& search, Call& call, Connection& connection, std::string text,
          std::size_t most)
      : search_(search),
        call_(call),
        connection_(connection),
        text_(std::move(text)),
        lower_(to_lower(text_)),
        most_(most) {}

  Json all() {
    Json found = Json::object();
    found["TrainingJobs"] = jobs();
    found["Models"] = hosted("Models", HostingKind::Model, "sagemaker:ListModels", "model");
    found["Endpoints"] =
        hosted("Endpoints", HostingKind::Endpoint, "sagemaker:ListEndpoints", "endpoint");
    found["Lists"] = lists();
    found["Buckets"] = buckets();
    found["Objects"] = objects();
    found["More"] = more_;
    return found;
  }

 private:
  /// What is allowed is what the audit log has of it.
  bool may(const std::string& action, const std::string& resource) {
    if (!search_.allows_(call_.caller, action, resource)) return false;
    call_.accesses.push_back({action, resource});
    return true;
  }

  [[nodiscard]] bool is_in(std::string_view text) const {
    return to_lower(text).find(lower_) != std::string::npos;
  }

  /// At most `most_`, with a note where there are more.
  Json cut(const char* kind, Json found) {
    if (found.size() <= most_) return found;
    found.erase(found.begin() + static_cast<Json::difference_type>(most_), found.end());
    more_.push_back(kind);
    return found;
  }

  /// By name first, the one of just this name before the newest; then by tag. `named` gives what
  /// contains the text, the newest first, and `find` what has a name.
  template <class Named, class Find>
  Json by_name_and_tag(const char* kind, const std::string& noun, const Named& named,
                       const Find& find) {
    Json found = Json::array();
    std::set<std::string, std::less<>> names;
    const auto add = [&](const auto& row, const records::TagRow* tag) {
      if (!names.insert(to_lower(row.name)).second) return;
      Json json = json_of(row);
      if (tag != nullptr) json["Tag"] = {{"Key", tag->key}, {"Value", tag->value}};
      found.push_back(std::move(json));
    };
    if (const auto exact = find(text_)) add(*exact, nullptr);
    for (const auto& row : named()) add(row, nullptr);
    if (found.size() > most_) return cut(kind, std::move(found));
    for (const records::TaggedRow& tagged :
         records::TagTable(connection_)
             .search(call_.caller.account, noun, lower_, static_cast<std::int64_t>(4 * most_))) {
      if (found.size() > most_) break;
      const auto row = find(name_in(tagged.resource));
      if (row && may("sagemaker:ListTags", tagged.resource)) add(*row, &tagged.tag);
    }
    return cut(kind, std::move(found));
  }

  Json jobs() {
    if (!may("sagemaker:ListTrainingJobs", "*")) return Json::array();
    JobTable table(connection_, records::JobKind::Training);
    return by_name_and_tag(
        "TrainingJobs", "training-job",
        [&] {
          std::vector<JobSummaryRow> rows;
          for (records::JobRow& row : table.table({.account = call_.caller.account,
                                      .name_contains = text_,
                                      .limit = static_cast<std::int64_t>(most_) + 1}))
            rows.push_back(std::move(row.summary));
          return rows;
        },
        [&](std::string_view name) -> std::optional<JobSummaryRow> {
          const auto row = table.find(call_.caller.account, name);
          return row ? std::optional(row->summary) : std::nullopt;
        });
  }

  Json hosted(const char* kind, HostingKind table_kind, const std::string& action,
              const std::string& noun) {
    if (!may(action, "*")) return Json::array();
    HostingTable table(connection_, table_kind);
    return by_name_and_tag(
        kind, noun,
        [&] {
          return table.list({.account = call_.caller.account,
                             .name_contains = text_,
                             .limit = static_cast<std::int64_t>(most_) + 1});
        },
        [&](std::string_view name) { return table.find(call_.caller.account, name); });
  }

  Json lists() {
    Json found = Json::array();
    for (const records::ListRow& list : records::ListTable(connection_).all(call_.caller.account)) {
      if (found.size() > most_) break;
      if (is_in(list.place) && search_.versions_.may_read(call_, list.place))
        found.push_back({{"Id", list.id}, {"Place", list.place}});
    }
    return cut("Lists", std::move(found));
  }

  Json buckets() {
    Json found = Json::array();
    if (!may("s3:ListAllMyBuckets", "*")) return found;
    for (const records::BucketRow& bucket :
         records::BucketTable(connection_).of_account(call_.caller.account)) {
      if (found.size() > most_) break;
      if (is_in(bucket.name)) found.push_back({{"Name", bucket.name}});
    }
    return cut("Buckets", std::move(found));
  }

  void add_objects(const std::string& bucket, const std::string& prefix, Json& found) {
    if (!search_.allows_(call_.caller, "s3:ListBucket", "arn:aws:s3:::" + bucket)) return;
    const std::size_t before = found.size();
    records::ObjectTable(connection_)
        .scan(bucket, prefix, records::after_prefix(prefix),
              [&](const records::ObjectEntry& entry) -> records::ScanStep {
                if (found.size() > most_)
                  return {.kind = records::ScanStep::Kind::Stop, .from = {}};
                found.push_back({{"Bucket", bucket},
                                 {"Key", std::string(entry.key)},
                                 {"Bytes", entry.size},
                                 {"ModifiedTime", iso8601(entry.modified_at)}});
                return {};
              });
    if (found.size() > before)
      call_.accesses.push_back({"s3:ListBucket", "arn:aws:s3:::" + bucket});
  }

  Json objects() {
    Json found = Json::array();
    std::vector<records::BucketRow> buckets =
        records::BucketTable(connection_).of_account(call_.caller.account);
    std::string_view text = text_;
    const bool address = text.starts_with(kS3);
    if (address) text.remove_prefix(kS3.size());
    const std::size_t slash = text.find('/');
    const std::string_view first = text.substr(0, slash);
    const auto named = std::find_if(buckets.begin(), buckets.end(),
                                    [&](const auto& bucket) { return bucket.name == first; });
    if (slash != std::string_view::npos && named != buckets.end()) {
      add_objects(named->name, std::string(text.substr(slash + 1)), found);
    } else if (!address) {
      if (buckets.size() > kMaxBuckets) buckets.resize(kMaxBuckets);
      for (const records::BucketRow& bucket : buckets) {
        if (found.size() > most_) break;
        add_objects(bucket.name, text_, found);
      }
    }
    return cut("Objects", std::move(found));
  }

  const Search& search_;
  Call& call_;
  Connection& connection_;
  const std::string text_;
  const std::string lower_;
  const std::size_t most_;
  Json more_ = Json::array();
};

http::Response Search::find(Call& call) {
  std::string text(trim(call.text("q")));
  if (text.empty() || text.size() > kMaxTextBytes) {
    refuse("query parameter 'q'", text,
           "a text of 1 to " + std::to_string(kMaxTextBytes) + " bytes");
  }
  const auto most = static_cast<std::size_t>(call.number("limit", kDefaultFound, 1, kMaxFound));
  return json_answer(database_.snapshot([&](Connection& connection) {
    return Finding(*this, call, connection, std::move(text), most).all();
  }));
}

}  // namespace millrace::console
