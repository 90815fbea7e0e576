#pragma once

#include <span>
#include <string_view>

#include "platform/console/call.h"
#include "platform/console/lists/list_summaries.h"
#include "platform/console/lists/list_versions.h"
#include "platform/console/lists/row_pages.h"

namespace millrace::console {

/// Paths of lists, their versions and rows.
class ListApi {
 public:
  /// Both must outlive this.
  ListApi(ListVersions& versions, RowPages& pages) : versions_(versions), pages_(pages) {}

  http::Response all(Call& call);       ///< GET /mr/lists
  http::Response open(Call& call);      ///< POST /mr/lists
  http::Response one(Call& call);       ///< GET /mr/lists/{}
  http::Response history(Call& call);   ///< GET /mr/lists/{}/history
  http::Response rows(Call& call);      ///< GET /mr/lists/{}/rows
  http::Response text(Call& call);      ///< GET /mr/lists/{}/text
  http::Response diff(Call& call);      ///< GET /mr/lists/diff
  http::Response problems(Call& call);  ///< GET /mr/lists/{}/problems
  http::Response restore(Call& call);   ///< POST /mr/lists/{}/restore

 private:
  ListVersions& versions_;
  RowPages& pages_;
  ListSummaries summaries_;
};

/// The rows of a version, for pages. `named` must outlive what is made of them.
ShownRows shown_rows(const ListVersions::Named& named);
/// What two lists differ in: counts, and a page of the changes of one kind.
Json diff_page(Call& call, std::span<const LstRow> before, std::span<const LstRow> after);
/// {"added", "removed", "relabelled", ...}.
Json diff_counts(std::span<const LstRow> before, std::span<const LstRow> after);
Json version_json(const records::ListVersionRow& version);

}  // namespace millrace::console
