#include "platform/console/lists/proposal_api.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/base/error.h"
#include "core/base/refuse.h"
#include "core/base/text.h"

namespace millrace::console {
namespace {

using records::Connection;
using records::ListProposalRow;
using records::ListTable;

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

/// What others see: one that is being merged is open still.
std::string shown_status(const ListProposalRow& row) {
  return row.status == ProposalState::kMerging ? ProposalState::kOpen : row.status;
}

}  // namespace

ProposalApi::Found ProposalApi::find(Call& call) {
  const auto id = parse_int(call.parts[0]);
  records::Database& database = versions_.database();
  const auto load = [&] {
    return database.snapshot([&](Connection& connection) {
      ProposalState state = ProposalState::load(connection, call.caller.account, id.value_or(0));
      const bool approved = state.approved(connection);
      return Found{.state = std::move(state), .list = {}, .approved = approved};
    });
  };
  Found found = load();
  // Asks whether the caller may read the list; and where a daemon ended while it merged, the file
  // tells whether it had come so far.
  const records::ListRow list = versions_.known(call, found.state.row.list);
  if (found.state.row.status == ProposalState::kMerging) {
    versions_.drop_lost_saves(list);
    found = load();
  }
  found.list = list;
  return found;
}

/// Answers with the proposal as `change` leaves it.
template <class Change>
http::Response ProposalApi::change(Call& call, const Change& change) {
  Found found = find(call);
  versions_.database().write([&](Connection& transaction) {
    ProposalState state = ProposalState::load(transaction, call.caller.account, found.state.row.id);
    change(transaction, state);
    state.store(transaction);
    found.approved = state.approved(transaction);
    found.state = std::move(state);
  });
  return json_answer(json(found));
}

Json ProposalApi::json(const Found& found) {
  const ListProposalRow& row = found.state.row;
  Json json = found.state.document;
  json["Id"] = row.id;
  json["List"] = found.list.id;
  json["Place"] = found.list.place;
  json["Author"] = row.author;
  json["Title"] = row.title;
  json["Status"] = shown_status(row);
  if (row.status == ProposalState::kMerging) json["Merging"] = true;
  json["Approved"] = found.approved;
  json["CreatedAt"] = iso8601(row.created_at);
  json["ModifiedAt"] = iso8601(row.modified_at);
  return json;
}

http::Response ProposalApi::propose(Call& call) {
  const Json request = call.document(kMaxRequestBytes);
  const std::string title = text_of(request, "Title", true);
  const auto held = drafts_.lock(call.parts[0]);
  const DraftApi::Worked draft = drafts_.worked(call, call.parts[0]);
  const std::string hash = versions_.contents().keep(draft.edited->text(), draft.list.place)->hash;
  ListProposalRow row{
      .id = 0,
      .account = call.caller.account,
      .list = draft.list.id,
      .author = caller_name(call.caller),
      .title = title,
      .status = ProposalState::kOpen,
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
      json({.state = ProposalState::of(std::move(row)), .list = draft.list, .approved = false}));
}

http::Response ProposalApi::all(Call& call) {
  const std::string status(call.text("status"));
  Json proposals = Json::array();
  struct Shown {
    ProposalState state;
    bool approved = false;
    std::string place;
  };
  std::vector<Shown> found;
  versions_.database().snapshot([&](Connection& connection) {
    ListTable table(connection);
    std::unordered_map<std::int64_t, std::string> places;
    for (const records::ListRow& list : table.all(call.caller.account))
      places.emplace(list.id, list.place);
    for (ListProposalRow& row : table.proposals(call.caller.account, status)) {
      const auto place = places.find(row.list);
      if (place == places.end()) continue;
      ProposalState state = ProposalState::of(std::move(row));
      const bool approved = state.approved(connection);
      found.push_back({.state = std::move(state), .approved = approved, .place = place->second});
    }
  });
  std::unordered_map<std::string, bool> readable;  // many are of the same list
  for (const Shown& one : found) {
    const auto known = readable.find(one.place);
    const bool may =
        known != readable.end()
            ? known->second
            : readable.emplace(one.place, versions_.may_read(call, one.place)).first->second;
    if (!may) continue;
    const ListProposalRow& row = one.state.row;
    const Json& document = one.state.document;
    Json json{{"Id", row.id},
              {"List", row.list},
              {"Author", row.author},
              {"Title", row.title},
              {"Status", shown_status(row)},
              {"Approved", one.approved},
              {"Counts", document["Counts"]},
              {"CreatedAt", iso8601(row.created_at)},
              {"ModifiedAt", iso8601(row.modified_at)}};
    if (document.contains("ClosedBy")) json["ClosedBy"] = document["ClosedBy"];
    proposals.push_back(std::move(json));
  }
  return json_answer({{"Proposals", std::move(proposals)}});
}

http::Response ProposalApi::one(Call& call) {
  return json_answer(json(find(call)));
}

http::Response ProposalApi::diff(Call& call) {
  const Found found = find(call);
  const Json& document = found.state.document;
  const auto base = versions_.content(found.list, document["BaseHash"].get<std::string>());
  const auto ours = versions_.content(found.list, document["Hash"].get<std::string>());
  return json_answer(diff_page(call, base->list.rows(), ours->list.rows()));
}

http::Response ProposalApi::comment(Call& call) {
  const Json request = call.document(kMaxRequestBytes);
  const std::string text = text_of(request, "Text", true);
  const std::string path = text_of(request, "Path", false);
  return change(call, [&](Connection&, ProposalState& state) {
    Json& comments = state.document["Comments"];
    if (comments.size() >= kMaxComments) {
      refuse("proposal", std::to_string(comments.size()) + " comments",
             "at most " + std::to_string(kMaxComments), "Merge or close it.");
    }
    Json comment{{"Author", caller_name(call.caller)}, {"At", iso8601(now())}, {"Text", text}};
    if (!path.empty()) comment["Path"] = path;
    comments.push_back(std::move(comment));
  });
}

http::Response ProposalApi::approve(Call& call) {
  return change(call, [&](Connection& transaction, ProposalState& state) {
    state.require_open();
    const std::string by = caller_name(call.caller);
    if (by == state.row.author && !state.is_only_user(transaction, by)) {
      throw Error(Blame::Customer, "AccessDeniedException",
                  "A proposal is approved by somebody but its author.");
    }
    Json& approvals = state.document["Approvals"];
    const bool twice = std::any_of(approvals.begin(), approvals.end(),
                                   [&](const Json& one) { return one["Author"] == by; });
    if (!twice) approvals.push_back({{"Author", by}, {"At", iso8601(now())}});
  });
}

http::Response ProposalApi::merge(Call& call) {
  const Json request = call.document(kMaxRequestBytes);
  const Found found = find(call);
  found.state.require_mergeable(found.approved);
  const ListProposalRow& row = found.state.row;
  const Json& document = found.state.document;
  const auto base = versions_.content(found.list, document["BaseHash"].get<std::string>());
  const auto ours = versions_.content(found.list, document["Hash"].get<std::string>());
  http::Response response =
      save_merged(versions_, call, found.list.id,
                  {.base = base,
                   .ours = ours->list.rows(),
                   .ours_text = versions_.contents().bytes(ours->hash),
                   .purpose = {.proposal = row.id, .draft = {}}},
                  row.title + " (proposal " + std::to_string(row.id) + " by " + row.author + ")",
                  text_of(request, "Prefer", false));
  return response.status == 200 ? json_answer(json(find(call))) : std::move(response);
}

http::Response ProposalApi::close(Call& call) {
  return change(call, [&](Connection&, ProposalState& state) {
    state.require_open();
    state.row.status = ProposalState::kClosed;
    state.document["ClosedBy"] = caller_name(call.caller);
  });
}

}  // namespace millrace::console
