#pragma once

#include <string>

#include "platform/console/lists/draft_api.h"
#include "platform/console/lists/proposal_state.h"
#include "platform/records/lists.h"

namespace millrace::console {

/// Changes of lists that somebody else looks at first. A draft becomes a proposal, which others
/// comment on and approve; who may write the list's file then merges it, three-way where the list
/// has changed meanwhile.
///
/// The rule: it is merged once somebody but its author has approved it. Only where there is nobody
/// else, the operator without any user, does the author's own approval count. Who may not read the
/// list's file does not see its proposals.
class ProposalApi {
 public:
  ProposalApi(ListVersions& versions, DraftApi& drafts) : versions_(versions), drafts_(drafts) {}

  http::Response propose(Call& call);  ///< POST /mr/drafts/{}/propose
  http::Response all(Call& call);      ///< GET /mr/proposals
  http::Response one(Call& call);      ///< GET /mr/proposals/{}
  http::Response diff(Call& call);     ///< GET /mr/proposals/{}/diff
  http::Response comment(Call& call);  ///< POST /mr/proposals/{}/comments
  http::Response approve(Call& call);  ///< POST /mr/proposals/{}/approve
  http::Response merge(Call& call);    ///< POST /mr/proposals/{}/merge
  http::Response close(Call& call);    ///< POST /mr/proposals/{}/close

 private:
  struct Found {
    ProposalState state;
    records::ListRow list;
    bool approved = false;
  };
  Found find(Call& call);
  template <class Change>
  http::Response change(Call& call, const Change& change);
  [[nodiscard]] static Json json(const Found& found);

  ListVersions& versions_;
  DraftApi& drafts_;
};

}  // namespace millrace::console
