#include "platform/console/extras.h"

#include <string>
#include <utility>

#include "platform/console/algorithm_list.h"

namespace millrace::console {
namespace {

Permit permit_of(Console& console) {
  return [&console](Call& call, std::string action, std::string resource) {
    console.permit(call, std::move(action), std::move(resource));
  };
}

Allows allows_of(Console& console) {
  return
      [&console](const aws::Caller& caller, const std::string& action,
                 const std::string& resource) { return console.allows(caller, action, resource); };
}

/// A method as the function of a path.
template <class T>
Extra calling(T& object, http::Response (T::*method)(Call&)) {
  return [&object, method](Call& call) { return (object.*method)(call); };
}

}  // namespace

Extras::Extras(Console& console, const ExtraSources& sources)
    : series_(sources.database),
      metrics_(sources.database, series_, permit_of(console)),
      log_(sources.database, permit_of(console)),
      table_(sources.database, sources.algorithms, permit_of(console)),
      check_(sources.training_jobs, permit_of(console)),
      usage_(sources.database, permit_of(console), allows_of(console), sources.access_points),
      events_(sources.database, sources.algorithms, permit_of(console), allows_of(console),
              [&console](const std::string& session, const std::string& access_key) {
                return console.lives(session, access_key);
              }),
      files_(sources.dispatch, sources.file_systems, permit_of(console)),
      preview_(files_),
      contents_(sources.lists),
      versions_(sources.database, files_, contents_, allows_of(console)),
      lists_(versions_, pages_),
      drafts_(versions_, pages_),
      proposals_(versions_, drafts_),
      impact_(versions_, files_, sources.algorithms, permit_of(console)),
      atlas_(files_, versions_, drafts_, pages_),
      search_(sources.database, versions_, allows_of(console)) {
  Routes& routes = console.routes();
  routes.add("GET", "/mr/events", calling(events_, &EventStreams::open));
  routes.add("GET", "/mr/training-jobs", calling(table_, &JobTable::page));
  routes.add("POST", "/mr/training-jobs/check", calling(check_, &JobCheck::check));
  routes.add("GET", "/mr/training-jobs/{}/metrics", calling(metrics_, &JobMetrics::list));
  routes.add("GET", "/mr/training-jobs/{}/usage", calling(usage_, &JobUsage::usage));
  routes.add("GET", "/mr/training-jobs/{}/log", calling(log_, &JobLog::page));
  routes.add("GET", "/mr/training-jobs/{}/log/search", calling(log_, &JobLog::search));
  routes.add("GET", "/mr/training-jobs/{}/log/download", calling(log_, &JobLog::download));
  routes.add("GET", "/mr/series/{}/tile", calling(metrics_, &JobMetrics::tile));
  routes.add("GET", "/mr/algorithms",
             [&algorithms = sources.algorithms, machine = sources.machine](Call&) {
               return list_algorithms(algorithms, machine);
             });
  routes.add("GET", "/mr/preview", calling(preview_, &Preview::place));
  routes.add("GET", "/mr/preview/s3/{}/{*}", calling(preview_, &Preview::object));
  routes.add("GET", "/mr/atlas", calling(atlas_, &AtlasApi::atlas));
  routes.add("GET", "/mr/impact", calling(impact_, &Impact::compare));
  routes.add("GET", "/mr/search", calling(search_, &Search::find));
  add_lists(routes);
}

void Extras::add_lists(Routes& routes) {
  routes.add("GET", "/mr/lists", calling(lists_, &ListApi::all));
  routes.add("POST", "/mr/lists", calling(lists_, &ListApi::open));
  routes.add("GET", "/mr/lists/diff", calling(lists_, &ListApi::diff));
  routes.add("GET", "/mr/lists/{}", calling(lists_, &ListApi::one));
  routes.add("GET", "/mr/lists/{}/history", calling(lists_, &ListApi::history));
  routes.add("GET", "/mr/lists/{}/rows", calling(lists_, &ListApi::rows));
  routes.add("GET", "/mr/lists/{}/text", calling(lists_, &ListApi::text));
  routes.add("GET", "/mr/lists/{}/problems", calling(lists_, &ListApi::problems));
  routes.add("POST", "/mr/lists/{}/restore", calling(lists_, &ListApi::restore));
  routes.add("GET", "/mr/lists/{}/drafts", calling(drafts_, &DraftApi::mine));
  routes.add("POST", "/mr/lists/{}/drafts", calling(drafts_, &DraftApi::begin));
  routes.add("GET", "/mr/drafts/{}", calling(drafts_, &DraftApi::one));
  routes.add("DELETE", "/mr/drafts/{}", calling(drafts_, &DraftApi::discard));
  routes.add("GET", "/mr/drafts/{}/rows", calling(drafts_, &DraftApi::rows));
  routes.add("GET", "/mr/drafts/{}/diff", calling(drafts_, &DraftApi::diff));
  routes.add("GET", "/mr/drafts/{}/problems", calling(drafts_, &DraftApi::problems));
  routes.add("POST", "/mr/drafts/{}/edits", calling(drafts_, &DraftApi::edit));
  routes.add("POST", "/mr/drafts/{}/undo", calling(drafts_, &DraftApi::undo));
  routes.add("POST", "/mr/drafts/{}/save", calling(drafts_, &DraftApi::save));
  routes.add("POST", "/mr/drafts/{}/copy", calling(drafts_, &DraftApi::copy));
  routes.add("POST", "/mr/drafts/{}/propose", calling(proposals_, &ProposalApi::propose));
  routes.add("GET", "/mr/proposals", calling(proposals_, &ProposalApi::all));
  routes.add("GET", "/mr/proposals/{}", calling(proposals_, &ProposalApi::one));
  routes.add("GET", "/mr/proposals/{}/diff", calling(proposals_, &ProposalApi::diff));
  routes.add("POST", "/mr/proposals/{}/comments", calling(proposals_, &ProposalApi::comment));
  routes.add("POST", "/mr/proposals/{}/approve", calling(proposals_, &ProposalApi::approve));
  routes.add("POST", "/mr/proposals/{}/merge", calling(proposals_, &ProposalApi::merge));
  routes.add("POST", "/mr/proposals/{}/close", calling(proposals_, &ProposalApi::close));
}

}  // namespace millrace::console
