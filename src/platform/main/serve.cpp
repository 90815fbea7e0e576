#include "platform/main/serve.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "core/base/error.h"
#include "core/base/fd.h"
#include "core/contract/workload.h"
#include "core/json/json.h"
#include "platform/aws/dispatch.h"
#include "platform/catalog/algorithms.h"
#include "platform/catalog/file_systems.h"
#include "platform/catalog/framework_images.h"
#include "platform/catalog/images.h"
#include "platform/catalog/instance_types.h"
#include "platform/catalog/programs.h"
#include "platform/cli/daemon_files.h"
#include "platform/console/console.h"
#include "platform/console/embedded_files.h"
#include "platform/console/extras.h"
#include "platform/console/sign_in_links.h"
#include "platform/ecr/repositories.h"
#include "platform/fleet/fleet.h"
#include "platform/hosting/endpoint_configs.h"
#include "platform/hosting/endpoints.h"
#include "platform/hosting/invocation_metrics.h"
#include "platform/hosting/invocations.h"
#include "platform/hosting/models.h"
#include "platform/identity/audit_log.h"
#include "platform/identity/authorizer.h"
#include "platform/identity/iam.h"
#include "platform/identity/keyring.h"
#include "platform/identity/users.h"
#include "platform/jobs/object_lookup.h"
#include "platform/jobs/processing_jobs.h"
#include "platform/jobs/residency.h"
#include "platform/jobs/supervision.h"
#include "platform/jobs/training_jobs.h"
#include "platform/jobs/trial_metrics.h"
#include "platform/logs/logs.h"
#include "platform/main/listeners.h"
#include "platform/main/operations.h"
#include "platform/main/toolkit.h"
#include "platform/main/trainer_description.h"
#include "platform/metrics/metrics.h"
#include "platform/outposts/access_points.h"
#include "platform/outposts/buckets.h"
#include "platform/outposts/endpoints.h"
#include "platform/outposts/registry.h"
#include "platform/outposts/resource_policy.h"
#include "platform/records/database.h"
#include "platform/store/store.h"
#include "platform/tags/tags.h"
#include "platform/transform/transform_jobs.h"

namespace millrace {
namespace {

constexpr std::chrono::seconds kLockPatience{1};

/// Exclusive for as long as it lives; two daemons on one directory would sweep each other's files.
Fd lock(const DaemonFiles& files) {
  Fd fd(::open(files.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) throw_errno("opening " + files.lock().string());
  // One that was killed while it started a supervisor has left the lock to a process that closes it
  // by becoming that supervisor.
  const auto patience = std::chrono::steady_clock::now() + kLockPatience;
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() < patience) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      continue;
    }
    throw Error(Blame::Customer, "another daemon runs in " + files.data_dir.string() +
                                     ". Stop it, or give another directory with --data-dir");
  }
  return fd;
}

std::vector<Json> algorithm_documents(const std::optional<std::filesystem::path>& trainer,
                                      const DaemonFiles& files) {
  if (!trainer) {
    std::cerr << "millrace: no millrace-trainer beside this program or on PATH: there are no "
                 "built-in algorithms\n";
    return {};
  }
  return {
      parse_json(trainer_description(*trainer, files.algorithms()), "millrace-trainer describe")};
}

/// Where the operator lays Python wheels for jobs in script mode.
std::filesystem::path wheel_directory(const ServeOptions& options, const DaemonFiles& files) {
  if (!options.wheels) return files.data_dir / "wheels";
  if (!std::filesystem::is_directory(*options.wheels)) {
    throw Error(Blame::Customer, Problem{.where = "option --wheels",
                                         .given = options.wheels->string(),
                                         .expected = "a directory of Python wheels",
                                         .fix = "Make it, or leave the option out: then it is "
                                                "wheels/ of the data directory."});
  }
  return std::filesystem::absolute(*options.wheels).lexically_normal();
}

/// Blocked in every thread, so that only wait_for_end() sees them.
sigset_t block_end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

/// Waits for SIGINT or SIGTERM for at most `timeout`; false when none came.
bool end_signal_within(const sigset_t& signals, std::chrono::milliseconds timeout) {
  const timespec limit{.tv_sec = timeout.count() / 1000,
                       .tv_nsec = timeout.count() % 1000 * 1'000'000};
  return ::sigtimedwait(&signals, nullptr, &limit) > 0;
}

/// Asks every unfinished job and every model's server to stop and waits until all have ended; a
/// second signal ends the wait.
void stop_all(jobs::Supervision& training_jobs, jobs::Supervision& processing_jobs,
              transform::TransformJobs& transform_jobs, hosting::Endpoints& endpoints,
              const sigset_t& signals) {
  constexpr std::chrono::milliseconds kLook{100};
  const bool jobs =
      training_jobs.stop_all() + processing_jobs.stop_all() + transform_jobs.stop_all() > 0;
  const bool servers = endpoints.stop_all();
  if (!jobs && !servers) return;
  std::cerr << "millrace: stopping " << (jobs ? "jobs" : "") << (jobs && servers ? " and " : "")
            << (servers ? "models' servers" : "") << "; once more to leave them running\n";
  const auto unfinished = [&] {
    return training_jobs.unfinished() + processing_jobs.unfinished() + transform_jobs.unfinished();
  };
  while ((unfinished() > 0 || endpoints.any_running()) && !end_signal_within(signals, kLook)) {
  }
}

hosting::ModelObjects model_objects(const jobs::ObjectLookup& objects) {
  return {.has_bucket = objects.has_bucket,
          .has_object = [objects](const std::string& bucket,
                                  const std::string& key) { return objects.has_key(bucket, key); },
          .has_prefix =
              [objects](const std::string& bucket, const std::string& prefix) {
                return objects.has_object(bucket, prefix);
              }};
}

}  // namespace

int serve(const ServeOptions& options) {
  const sigset_t signals = block_end_signals();
  const DaemonFiles files{std::filesystem::absolute(options.data_dir).lexically_normal()};
  std::filesystem::create_directories(files.data_dir);
  // Holds keys and everybody's data.
  if (::chmod(files.data_dir.c_str(), 0700) != 0)
    throw_errno("setting the mode of " + files.data_dir.string());
  const Fd exclusive = lock(files);

  records::Database database(files.database());
  identity::Keyring keyring(database);
  const std::string operator_key = keyring.open(files.credentials());
  identity::Iam iam(database);
  identity::Authorizer authorizer(database);
  identity::Users users(database, keyring, authorizer);
  identity::AuditLog audit(files.audit());
  store::Store store(database, files.objects());
  outposts::Registry outposts(database, files.data_dir);
  outposts::Endpoints outpost_endpoints(database);
  outposts::Buckets outpost_buckets(database);
  outposts::AccessPoints access_points(database);
  const outposts::ResourcePolicies resource_policies(database);
  logs::Logs logs(database);
  metrics::Metrics metrics(database);

  const std::optional<std::filesystem::path> trainer =
      options.trainer ? options.trainer : find_trainer();
  const catalog::Algorithms algorithms(algorithm_documents(trainer, files));
  catalog::Images images(database, algorithms, containers::ImageStore(files.images()));
  images.sweep();
  ecr::Repositories repositories(images);
  const std::filesystem::path toolkit = find_toolkit();
  const catalog::FrameworkImages frameworks({.launcher = toolkit,
                                             .wheels = wheel_directory(options, files),
                                             .modules = [&] { return python_modules(toolkit); }});
  const catalog::Programs programs(algorithms, images, trainer.value_or(std::filesystem::path()),
                                   frameworks);
  catalog::FileSystems file_systems(database, files.data_dir);

  std::map<std::string, std::string> supervisor_environment;
  if (options.allow_unconfined_jobs) supervisor_environment["MILLRACE_ALLOW_UNCONFINED"] = "true";
  supervisor_environment["MILLRACE_JOB_NETWORK"] = options.job_network;
  if (options.store_is_remote) supervisor_environment["MILLRACE_STORE_IS_REMOTE"] = "true";
  // Where libraries of the machine are that no one links with, as those of a GPU's driver.
  if (const char* const path = std::getenv("LD_LIBRARY_PATH"))
    supervisor_environment["LD_LIBRARY_PATH"] = path;
  fleet::Fleet fleet(database, {.program = std::filesystem::read_symlink("/proc/self/exe"),
                                .data_dir = files.data_dir,
                                .machine = catalog::this_machine(),
                                .environment = supervisor_environment});
  const auto beginning = [&](const aws::Caller& caller, const std::string& bucket,
                             const std::string& key, std::size_t max_bytes) {
    return store.beginning_of(bucket, key, max_bytes, caller);
  };
  const jobs::ObjectLookup objects = jobs::own_objects(database, beginning);
  jobs::TrainingJobs training_jobs(
      database, fleet,
      {.algorithms = algorithms, .file_systems = file_systems, .programs = programs}, objects);
  jobs::TrialMetrics trial_metrics(database);
  jobs::ProcessingJobs processing_jobs(database, fleet, programs, objects);
  jobs::SupervisorDesk supervisors(training_jobs.supervision(), processing_jobs.supervision());
  hosting::Models models(database, programs, images, model_objects(objects));
  hosting::EndpointConfigs endpoint_configs(database);
  hosting::Traffic traffic(files.data_dir);
  const std::chrono::seconds invocation_timeout(options.invocation_timeout);
  hosting::Endpoints endpoints(database, fleet, programs, traffic, invocation_timeout);
  hosting::InvocationMetrics invocation_metrics(database);
  hosting::Invocations invocations(traffic, invocation_metrics, {.timeout = invocation_timeout});
  transform::TransformJobs transform_jobs(database, fleet, programs, objects);
  const aws::FindAccessPoint find_access_point = [&](std::string_view name) {
    return access_points.find(name);
  };
  jobs::Residency residency(
      database, files.audit(),
      {{std::string(workload::kTraining), jobs::TrainingJobs::residency_of},
       {std::string(workload::kProcessing), jobs::ProcessingJobs::residency_of}},
      find_access_point);
  tags::Tags tags(database, {{"training-job", jobs::TrainingJobs::arn_of},
                             {"processing-job", jobs::ProcessingJobs::arn_of},
                             {"transform-job", transform::TransformJobs::arn_of},
                             {"model", hosting::Models::arn_of},
                             {"endpoint-config", hosting::EndpointConfigs::arn_of},
                             {"endpoint", hosting::Endpoints::arn_of}});

  const aws::KeyLookup keys = [&](std::string_view key) { return keyring.find(key); };
  const aws::Authorize authorize = [&](const aws::Service& service, const aws::Caller& caller,
                                       const std::vector<aws::ResourceAccess>& accesses) {
    authorizer.check(service, caller, accesses);
    resource_policies.check(caller, accesses);
  };
  const aws::Audit record = [&](const aws::AuditEntry& entry) { audit.record(entry); };
  aws::Dispatch dispatch({.keys = keys,
                          .authorize = authorize,
                          .audit = record,
                          .access_points = find_access_point});
  console::SignInLinks console_links;
  bind_operations(dispatch, {.store = store,
                             .training_jobs = training_jobs,
                             .trial_metrics = trial_metrics,
                             .processing_jobs = processing_jobs,
                             .supervisors = supervisors,
                             .residency = residency,
                             .models = models,
                             .endpoint_configs = endpoint_configs,
                             .endpoints = endpoints,
                             .invocations = invocations,
                             .transform_jobs = transform_jobs,
                             .tags = tags,
                             .logs = logs,
                             .metrics = metrics,
                             .iam = iam,
                             .users = users,
                             .images = images,
                             .repositories = repositories,
                             .file_systems = file_systems,
                             .outposts = outposts,
                             .outpost_endpoints = outpost_endpoints,
                             .outpost_buckets = outpost_buckets,
                             .access_points = access_points,
                             .console_links = console_links});
  console::Console console({.address = listen_host(options.listen),
                            .host_names = options.console_hosts,
                            .secure = options.tls,
                            .region = options.region,
                            .version = options.version},
                           {.keys = keys, .authorize = authorize, .audit = record}, dispatch,
                           console::Assets(console::embedded_files()), console_links);
  const console::Extras console_extras(console, {.database = database,
                                                 .algorithms = algorithms,
                                                 .training_jobs = training_jobs,
                                                 .machine = fleet.machine(),
                                                 .dispatch = dispatch,
                                                 .file_systems = file_systems,
                                                 .access_points = find_access_point,
                                                 .lists = files.lists()});
  // Before the first request, which may be an invocation.
  endpoints.restore();
  const http::Handler signed_only = [&](http::Request& request) {
    return dispatch.handle(request);
  };
  const Listeners listeners(
      options, files,
      [&](http::Request& request) {
        return console::Console::takes(request) ? console.handle(request)
                                                : dispatch.handle(request);
      },
      signed_only);
  console_links.set_endpoint(listeners.endpoint());
  training_jobs.supervision().set_endpoint(listeners.jobs_endpoint());
  processing_jobs.supervision().set_endpoint(listeners.jobs_endpoint());
  endpoints.set_endpoint(listeners.jobs_endpoint());
  transform_jobs.set_endpoint(listeners.jobs_endpoint());
  fleet.start({{std::string(workload::kTraining), training_jobs.supervision().handlers()},
               {std::string(workload::kProcessing), processing_jobs.supervision().handlers()},
               {std::string(workload::kEndpoint), endpoints.handlers()},
               {std::string(workload::kTransform), transform_jobs.handlers()}});

  std::cout << "millrace: listening on " << listeners.endpoint() << ", data in "
            << files.data_dir.string() << std::endl;
  std::cout << "Console: " << console_links.issue(operator_key) << std::endl;
  while (!end_signal_within(signals, std::chrono::hours(24))) {
  }
  if (options.stop_jobs) {
    stop_all(training_jobs.supervision(), processing_jobs.supervision(), transform_jobs, endpoints,
             signals);
  }
  fleet.stop();
  return 0;
}

}  // namespace millrace
