#pragma once

#include <string>

#include "core/json/json.h"
#include "platform/records/connection.h"
#include "platform/records/lists.h"

namespace millrace::console {

/// A proposal as it is kept. What changes one does so in the transaction that has read it, so that
/// two who do it at once both count.
///
/// open -> merging -> merged, or back to open where the list's file could not be written; or
/// open -> closed.
struct ProposalState {
  static constexpr const char* kOpen = "open";
  static constexpr const char* kMerging = "merging";
  static constexpr const char* kMerged = "merged";
  static constexpr const char* kClosed = "closed";
  /// With its comments; a document that were larger would take everybody long who reads it.
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

  records::ListProposalRow row;
  Json document;  ///< {"Base", "BaseHash", "Hash", "Text", "Counts", "Comments", "Approvals",
                  ///< "Version"?, "ClosedBy"?}

  /// Throws Error(Customer) where the account has no such proposal.
  static ProposalState load(records::Connection& connection, const std::string& account,
                            std::int64_t id);
  static ProposalState of(records::ListProposalRow row);
  /// Throws Error(Customer) for a document beyond kMaxBytes: whatever made it so is refused.
  void store(records::Connection& transaction);

  /// Throws Error(Customer, Conflict) for one that is merging, merged or closed.
  void require_open() const;
  /// Likewise for one that is not `approved`.
  void require_mergeable(bool approved) const;
  /// Whether somebody may merge it: one but its author has approved it, or there is nobody else.
  [[nodiscard]] bool approved(records::Connection& connection) const;
  /// Whether there is nobody but this author: the operator, without any user.
  [[nodiscard]] bool is_only_user(records::Connection& connection, const std::string& author) const;
};

/// Takes an open, approved proposal for merging, which then is for whoever did. Throws
/// Error(Customer, Conflict).
void claim_proposal(records::Connection& transaction, const std::string& account, std::int64_t id);
/// It has become this version of its list.
void finish_proposal(records::Connection& transaction, const std::string& account, std::int64_t id,
                     std::int64_t version);
/// Its list's file was not written after all.
void reopen_proposal(records::Connection& transaction, const std::string& account, std::int64_t id);

}  // namespace millrace::console
