#include "platform/console/lists/proposal_api.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/refuse.h"
#include "core/base/text.h"
#include "platform/records/users.h"

namespace millrace::console {
namespace {

using records::Connection;
using records::ListProposalRow;
using records::ListTable;

constexpr const char* kOpen = "open";
constexpr const char* kMerged = "merged";
constexpr const char* kClosed = "closed";
constexpr std::uint64_t kMaxRequestBytes = 64 * 1024;
constexpr std::size_t kMaxTextBytes = 10'000;
constexpr std::size_t kMaxComments = 1000;

std::string text_of(const Json& document, const char* member, bool required) {
  const auto found = document.find(member);
  const bool given = found != document.end() && found->is_string();
  std::string text = given ? found->get<std::string>() : std::string();
  if ((required && trim(text).empty()) || text.size() > kMaxTextBytes) {
    refuse(std::string("request: ") + member, text,
           "a text of at most " + std::to_string(kMaxTextBytes) + " bytes");
  }
  return text;
}

}  // namespace

ProposalApi::Found ProposalApi::find(Call& call) {
  const auto id = parse_int(call.parts[0]);
  const auto row = versions_.database().read([&](Connection& connection) {
    return ListTable(connection).proposal(call.caller.account, id.value_or(0));
  });
  if (!row) not_found("There is no proposal '" + printable(call.parts[0], 20) + "'.");
  return {.row = *row,
          .document = parse_json(row->document, "proposal"),
          .list = versions_.of(call, row->list).list};
}

void ProposalApi::require_open(const Found& found) const {
  if (found.row.status == kOpen) return;
  refuse_conflict("The proposal is " + found.row.status + ".");
}

void ProposalApi::store(Found& found) {
  found.row.modified_at = now();
  found.row.document = to_text(found.document);
  versions_.database().write(
      [&](Connection& transaction) { ListTable(transaction).update_proposal(found.row); });
}

bool ProposalApi::is_only_user(const std::string& account, const std::string& author) const {
  return author == "operator" && versions_.database().read([&](Connection& connection) {
    return records::UserTable(connection).list(account, "", 1).empty();
  });
}

bool ProposalApi::approved(const Found& found) const {
  const Json& approvals = found.document["Approvals"];
  return std::any_of(approvals.begin(), approvals.end(), [&](const Json& approval) {
    const std::string by = approval["Author"].get<std::string>();
    return by != found.row.author || is_only_user(found.row.account, by);
  });
}

Json ProposalApi::json(const Found& found) const {
  Json json = found.document;
  json["Id"] = found.row.id;
  json["List"] = found.list.id;
  json["Place"] = found.list.place;
  json["Author"] = found.row.author;
  json["Title"] = found.row.title;
  json["Status"] = found.row.status;
  json["Approved"] = approved(found);
  json["CreatedAt"] = iso8601(found.row.created_at);
  json["ModifiedAt"] = iso8601(found.row.modified_at);
  return json;
}

http::Response ProposalApi::propose(Call& call) {
  const Json request = call.document(kMaxRequestBytes);
  const std::string title = text_of(request, "Title", true);
  const auto lock = drafts_.alone();
  const DraftApi::Worked draft = drafts_.worked(call, call.parts[0]);
  const std::string hash = versions_.contents().put(draft.edited->text());
  ListProposalRow row{
      .id = 0,
      .account = call.caller.account,
      .list = draft.list.id,
      .author = author_of(call.caller),
      .title = title,
      .status = kOpen,
      .created_at = now(),
      .modified_at = now(),
      .document = to_text(
          Json{{"Base", draft.document["Base"]},
               {"BaseHash", draft.document["Hash"]},
               {"Hash", hash},
               {"Text", text_of(request, "Text", false)},
               {"Counts", diff_counts(draft.edited->base().list.rows(), draft.edited->rows())},
               {"Comments", Json::array()},
               {"Approvals", Json::array()}})};
  row.id = versions_.database().write([&](Connection& transaction) {
    ListTable table(transaction);
    table.erase_draft(draft.row.id);
    return table.add_proposal(row);
  });
  drafts_.forget(draft.row.id);
  return json_answer(
      json({.row = row, .document = parse_json(row.document, "proposal"), .list = draft.list}));
}

http::Response ProposalApi::all(Call& call) {
  const std::string status(call.text("status"));
  Json proposals = Json::array();
  for (const ListProposalRow& row : versions_.database().read([&](Connection& connection) {
         return ListTable(connection).proposals(call.caller.account, status);
       })) {
    const Found found{.row = row, .document = parse_json(row.document, "proposal"), .list = {}};
    Json one{{"Id", row.id},
             {"List", row.list},
             {"Author", row.author},
             {"Title", row.title},
             {"Status", row.status},
             {"Approved", approved(found)},
             {"Counts", found.document["Counts"]},
             {"CreatedAt", iso8601(row.created_at)},
             {"ModifiedAt", iso8601(row.modified_at)}};
    if (found.document.contains("ClosedBy")) one["ClosedBy"] = found.document["ClosedBy"];
    proposals.push_back(std::move(one));
  }
  return json_answer({{"Proposals", std::move(proposals)}});
}

http::Response ProposalApi::one(Call& call) {
  return json_answer(json(find(call)));
}

http::Response ProposalApi::diff(Call& call) {
  const Found found = find(call);
  const auto base = versions_.content(found.list, found.document["BaseHash"].get<std::string>());
  const auto ours = versions_.content(found.list, found.document["Hash"].get<std::string>());
  return json_answer(diff_page(call, base->list.rows(), ours->list.rows()));
}

http::Response ProposalApi::comment(Call& call) {
  const Json request = call.document(kMaxRequestBytes);
  const std::string text = text_of(request, "Text", true);
  const std::string path = text_of(request, "Path", false);
  Found found = find(call);
  Json& comments = found.document["Comments"];
  if (comments.size() >= kMaxComments)
    refuse("proposal", std::to_string(comments.size()) + " comments", "fewer");
  Json comment{{"Author", author_of(call.caller)}, {"At", iso8601(now())}, {"Text", text}};
  if (!path.empty()) comment["Path"] = path;
  comments.push_back(std::move(comment));
  store(found);
  return json_answer(json(found));
}

http::Response ProposalApi::approve(Call& call) {
  Found found = find(call);
  require_open(found);
  const std::string by = author_of(call.caller);
  if (by == found.row.author && !is_only_user(found.row.account, by)) {
    throw Error(Blame::Customer, "AccessDeniedException",
                "A proposal is approved by somebody but its author.");
  }
  Json& approvals = found.document["Approvals"];
  const bool twice = std::any_of(approvals.begin(), approvals.end(),
                                 [&](const Json& one) { return one["Author"] == by; });
  if (!twice) approvals.push_back({{"Author", by}, {"At", iso8601(now())}});
  store(found);
  return json_answer(json(found));
}

http::Response ProposalApi::merge(Call& call) {
  const Json request = call.document(kMaxRequestBytes);
  Found found = find(call);
  require_open(found);
  if (!approved(found))
    refuse_conflict("The proposal is not approved yet: somebody but its author has to.");
  const auto base = versions_.content(found.list, found.document["BaseHash"].get<std::string>());
  const auto ours = versions_.content(found.list, found.document["Hash"].get<std::string>());
  records::ListVersionRow saved;
  http::Response response =
      save_merged(versions_, call, found.list.id,
                  {.base = base,
                   .ours = ours->list.rows(),
                   .ours_text = versions_.contents().bytes(ours->hash)},
                  found.row.title + " (proposal " + std::to_string(found.row.id) + " by " +
                      found.row.author + ")",
                  text_of(request, "Prefer", false), &saved);
  if (response.status != 200) return response;
  found.row.status = kMerged;
  found.document["Version"] = saved.number;
  store(found);
  return json_answer(json(found));
}

http::Response ProposalApi::close(Call& call) {
  Found found = find(call);
  require_open(found);
  found.row.status = kClosed;
  found.document["ClosedBy"] = author_of(call.caller);
  store(found);
  return json_answer(json(found));
}

}  // namespace millrace::console
