#include "platform/console/lists/proposal_state.h"

#include <algorithm>
#include <utility>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "platform/console/call.h"
#include "platform/console/preview/user_files.h"
#include "platform/records/users.h"

namespace millrace::console {

using records::Connection;
using records::ListTable;

namespace {

/// Above what store() lets through: what was kept before there was a limit can still be read.
constexpr std::size_t kMaxReadBytes = std::size_t{256} << 20;

}  // namespace

ProposalState ProposalState::of(records::ListProposalRow row) {
  Json document = parse_json(row.document, "proposal", {.max_bytes = kMaxReadBytes});
  return {.row = std::move(row), .document = std::move(document)};
}

ProposalState ProposalState::load(Connection& connection, const std::string& account,
                                  std::int64_t id) {
  auto row = ListTable(connection).proposal(account, id);
  if (!row) not_found("There is no proposal " + std::to_string(id) + ".");
  return of(*std::move(row));
}

void ProposalState::store(Connection& transaction) {
  std::string text = to_text(document);
  if (text.size() > kMaxBytes && text.size() > row.document.size()) {
    refuse("proposal", human_bytes(text.size()),
           "with its comments at most " + human_bytes(kMaxBytes),
           "Merge or close it, and go on in another.");
  }
  row.document = std::move(text);
  row.modified_at = now();
  ListTable(transaction).update_proposal(row);
}

void ProposalState::require_open() const {
  if (row.status == kOpen) return;
  refuse_conflict(row.status == kMerging ? "The proposal is being merged."
                                         : "The proposal is " + row.status + ".");
}

void ProposalState::require_mergeable(bool approved) const {
  require_open();
  if (!approved)
    refuse_conflict("The proposal is not approved yet: somebody but its author has to.");
}

bool ProposalState::is_only_user(Connection& connection, const std::string& author) const {
  return author == kOperatorName && records::UserTable(connection).list(row.account, "", 1).empty();
}

bool ProposalState::approved(Connection& connection) const {
  const Json& approvals = document["Approvals"];
  return std::any_of(approvals.begin(), approvals.end(), [&](const Json& approval) {
    const std::string by = approval["Author"].get<std::string>();
    return by != row.author || is_only_user(connection, by);
  });
}

void claim_proposal(Connection& transaction, const std::string& account, std::int64_t id) {
  ProposalState state = ProposalState::load(transaction, account, id);
  state.require_mergeable(state.approved(transaction));
  state.row.status = ProposalState::kMerging;
  state.store(transaction);
}

void finish_proposal(Connection& transaction, const std::string& account, std::int64_t id,
                     std::int64_t version) {
  ProposalState state = ProposalState::load(transaction, account, id);
  state.row.status = ProposalState::kMerged;
  state.document["Version"] = version;
  // It is merged whatever its size: kMaxBytes is for what people add.
  state.row.document = to_text(state.document);
  state.row.modified_at = now();
  ListTable(transaction).update_proposal(state.row);
}

void reopen_proposal(Connection& transaction, const std::string& account, std::int64_t id) {
  ProposalState state = ProposalState::load(transaction, account, id);
  if (state.row.status != ProposalState::kMerging) return;
  state.row.status = ProposalState::kOpen;
  state.row.modified_at = now();
  ListTable(transaction).update_proposal(state.row);
}

}  // namespace millrace::console
