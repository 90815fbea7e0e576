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
      usage_(sources.database, permit_of(console)),
      events_(sources.database, sources.algorithms, permit_of(console),
              [&console](const std::string& session, const std::string& access_key) {
                return console.lives(session, access_key);
              }) {
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
}

}  // namespace millrace::console
